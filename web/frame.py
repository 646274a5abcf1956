"""What every page of a person shows around its content."""

from __future__ import annotations

from station.service.views import PersonView
from web.port import the_station


def frame(person: PersonView) -> dict[str, object]:
    """The person, and whether it is a demonstration on which rig, for the template."""
    note = the_station().about().rig_note if person.demonstration else ""
    return {"person": person, "demonstration": person.demonstration, "rig_note": note}
