"""Reference change values of the domain reference (05-test-vectors, `rcv`)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from station.labs.variation import rcv_percent

KNOWN = json.loads((Path(__file__).parents[1] / "trends" / "known_answers.json").read_text("utf-8"))["rcv"]


@pytest.mark.req("REQ-31")
@pytest.mark.parametrize("known", KNOWN, ids=lambda known: f"CVa {known['CVa']}, CVi {known['CVi']}")
def test_reference_change_value(known: dict[str, float]) -> None:
    assert rcv_percent(known["CVa"], known["CVi"]) == pytest.approx(known["RCV"], rel=1e-8)
