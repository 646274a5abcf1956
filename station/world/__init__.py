"""The simulated scalp: people, follicles and hairs over months, light, lens and sensor, with the truth beside it.

The demonstration, the tests and the training of the density model all see this one world.
"""

from station.world.conditions import HARSH, REPOSITIONED, Conditions
from station.world.course import COURSES, STILL, Course, step_course
from station.world.faults import LiveFaults
from station.world.optics import Optics, Pose
from station.world.person import SITE_FACTORS, Person, simulated_person
from station.world.render import Truth
from station.world.world import World

__all__ = [
    "COURSES",
    "HARSH",
    "REPOSITIONED",
    "SITE_FACTORS",
    "STILL",
    "Conditions",
    "Course",
    "LiveFaults",
    "Optics",
    "Person",
    "Pose",
    "Truth",
    "World",
    "simulated_person",
    "step_course",
]
