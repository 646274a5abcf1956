"""The protocol of sites is data, and adds up."""

from __future__ import annotations

import pytest

from station.capture.protocol import load_protocol
from station.errors import NotFoundError, UsageError
from station.world import SITE_FACTORS


def test_the_standard_protocol() -> None:
    protocol = load_protocol()
    assert protocol.id == "macro-8/1"
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


def test_sites_lie_on_the_head_chart_as_on_a_head() -> None:
    place = {site.id: (site.head_x, site.head_y) for site in load_protocol().sites}
    assert all(0 < x < 1 and 0 < y < 1 for x, y in place.values())
    for side in ("parietal", "temporal"):
        left, right = place[f"{side}-left"], place[f"{side}-right"]
        assert left[0] < 0.5 < right[0]
        assert left[0] + right[0] == pytest.approx(1)
        assert left[1] == right[1]
    down = [place[name][1] for name in ("frontal", "midscalp", "vertex", "occipital")]
    assert down == sorted(down)
    assert all(place[name][0] == 0.5 for name in ("frontal", "midscalp", "vertex", "occipital"))


def test_a_visit_finds_its_own_version_again() -> None:
    assert load_protocol("macro-8/1") == load_protocol()
    with pytest.raises(NotFoundError, match="version 9"):
        load_protocol("macro-8/9")
    with pytest.raises(NotFoundError, match="no capture protocol"):
        load_protocol("macro-99")


def test_an_unknown_site_names_those_there_are() -> None:
    with pytest.raises(UsageError, match="occipital"):
        load_protocol().site("crown")
