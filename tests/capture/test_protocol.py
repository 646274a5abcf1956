"""The protocol of sites is data, and adds up."""

from __future__ import annotations

import pytest

from station.capture.protocol import Protocol, load_protocol, protocol_ids
from station.errors import NotFoundError, UsageError
from station.values import Lamp
from station.world import SITE_FACTORS


@pytest.fixture(params=protocol_ids())
def protocol(request: pytest.FixtureRequest) -> Protocol:
    return load_protocol(request.param)


def test_every_version_that_visits_were_recorded_with_can_be_read(protocol: Protocol) -> None:
    assert load_protocol(protocol.id) is protocol
    assert [site.id for site in protocol.sites] == [
        "frontal",
        "midscalp",
        "vertex",
        "parietal-left",
        "parietal-right",
        "temporal-left",
        "temporal-right",
        "occipital",
    ]
    assert (protocol.frames(1), protocol.frames(2), protocol.frames(13)) == (3, 2, 2)
    assert sum(protocol.weights().values()) == pytest.approx(1)
    assert set(protocol.weights().values()) == {1 / 8}
    assert {site.id for site in protocol.sites} == set(SITE_FACTORS), "the simulated people have these sites"
    assert protocol.lamps == (Lamp.CROSS,)


def test_sites_lie_on_the_head_chart_as_on_a_head(protocol: Protocol) -> None:
    place = {site.id: (site.head_x, site.head_y) for site in protocol.sites}
    assert all(0 < x < 1 and 0 < y < 1 for x, y in place.values())
    for side in ("parietal", "temporal"):
        left, right = place[f"{side}-left"], place[f"{side}-right"]
        assert left[0] < 0.5 < right[0]
        assert left[0] + right[0] == pytest.approx(1)
        assert left[1] == right[1]
    down = [place[name][1] for name in ("frontal", "midscalp", "vertex", "occipital")]
    assert down == sorted(down)
    assert all(place[name][0] == 0.5 for name in ("frontal", "midscalp", "vertex", "occipital"))


def test_the_newest_version_finds_its_sites_from_landmarks_and_not_from_the_hairline() -> None:
    newest = load_protocol()
    assert newest.id == "macro-8/2"
    landmarks = {"glabella", "tragus", "inion", "midline", "crossing"}
    assert {mark.id for mark in newest.landmarks} == landmarks
    for site in newest.sites:
        assert "hairline" not in site.find, "it moves when hair is lost"
        assert any(mark in site.find.lower() for mark in landmarks), site.id
    for site in (each for each in newest.sites if "measured distance" in each.find):
        assert site.measure is not None
        assert site.measure.least_cm < site.measure.usual_cm < site.measure.most_cm
    assert {site.id for site in newest.sites if site.measure} == {
        "frontal", "vertex", "temporal-left", "temporal-right",
    }  # fmt: skip
    assert newest.optional_lamps == (Lamp.PARALLEL,)


def test_the_six_global_views_say_in_which_a_face_is() -> None:
    views = load_protocol().views
    faces = [(view.id, view.shows_face) for view in views]
    assert faces == [
        ("frontal", True),
        ("temple-left", True),
        ("temple-right", True),
        ("superior", False),
        ("vertex", False),
        ("occipital", False),
    ]
    assert all(view.find for view in views)
    with pytest.raises(UsageError, match="it has frontal"):
        load_protocol().view("profile")


def test_version_1_stays_what_it_was() -> None:
    first = load_protocol("macro-8/1")
    assert first.sites[0].find == "On the midline, 2 cm behind the hairline."
    assert (first.views, first.landmarks, first.sites[0].measure) == ((), (), None)


def test_what_there_is_not_is_said() -> None:
    assert load_protocol("macro-8/2") == load_protocol()
    with pytest.raises(NotFoundError, match="version 9"):
        load_protocol("macro-8/9")
    with pytest.raises(NotFoundError, match="no capture protocol"):
        load_protocol("macro-99")


def test_an_unknown_site_names_those_there_are(protocol: Protocol) -> None:
    with pytest.raises(UsageError, match="occipital"):
        protocol.site("crown")
