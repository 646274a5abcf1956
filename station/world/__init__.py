"""The simulated scalp: people, follicles and hairs over months, light, lens and sensor, with the truth beside it.

The demonstration, the tests and the training of the density model all see this one world.
"""

from station.world.course import COURSES, Course
from station.world.optics import Optics
from station.world.person import SITE_FACTORS, Person, simulated_person
from station.world.render import Truth
from station.world.world import World

__all__ = ["COURSES", "SITE_FACTORS", "Course", "Optics", "Person", "Truth", "World", "simulated_person"]
