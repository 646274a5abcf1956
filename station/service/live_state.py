"""What the live view says of itself, as plain values."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from station.capture.gate import GateView
from station.capture.guidance import Guidance
from station.trends.sentences import Sentence, say, texts


class Phase(enum.StrEnum):
    """OFF: nobody looks; RESTING: the lamp's time is over; TAKING: a photograph is taken; TROUBLE: no picture comes."""

    OFF = "off"
    STARTING = "starting"
    RUNNING = "running"
    RESTING = "resting"
    TAKING = "taking"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class LiveState:
    """number: rises with each state; sentence: the one thing to do, or how it stands; gate, guidance: of the latest
    picture, None while there is none or, for the guidance, while the place is not known; outline: corners of the
    baseline's photograph in the live view, as shares of its width and height; lamp_left_s: until the lamp rests."""

    number: int
    phase: Phase
    sentence: Sentence
    gate: GateView | None = None
    guidance: Guidance | None = None
    outline: list[list[float]] | None = None
    frames_per_s: float = 0.0
    lamp_left_s: float = 0.0

    @property
    def ready_since(self) -> float | None:
        """Since when everything is good, in seconds of the pictures' clock."""
        return self.gate.good_since if self.gate is not None else None


@dataclass(frozen=True, slots=True)
class Shot:
    """A state with its live picture."""

    state: LiveState
    jpeg: bytes


def trouble_sentence(code: str) -> Sentence:
    """The sentence for an error's code."""
    key = f"live.{code}"
    return say(key if key in texts() else "live.trouble")
