"""Calibration profiles: how many pixels a millimetre on the site has, and how sure that is."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

from station.rig.profile import RigProfile

NOMINAL_REL_SD = 0.01
"""Relative standard uncertainty of a scale that was never measured. Domain reference 4.5 asks that a rig be rejected
when its mm per pixel moves by more than 1 %; an uncalibrated one is trusted no further than that."""


@dataclass(frozen=True, slots=True)
class CalibrationProfile:
    """The scale of one rig. px_per_mm_rel_sd: relative standard uncertainty of px_per_mm."""

    name: str
    rig_id: str
    px_per_mm: float
    px_per_mm_rel_sd: float
    note: str

    @property
    def sha256(self) -> str:
        """Hash of the profile's content, as hexadecimal text."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    @property
    def id(self) -> str:
        """Name and the first 12 digits of the hash: travels with every number that rests on this profile."""
        return f"{self.name}:{self.sha256[:12]}"


def nominal(rig: RigProfile) -> CalibrationProfile:
    """The profile of a rig whose scale was not measured: the rig profile's own figure, uncertain by 1 %."""
    return CalibrationProfile(
        name=f"nominal-{rig.id}",
        rig_id=rig.id,
        px_per_mm=rig.px_per_mm,
        px_per_mm_rel_sd=NOMINAL_REL_SD,
        note="Nominal scale of the rig profile, not measured on this rig.",
    )
