"""How well the station repeats itself, as pages, the API and the command line tell it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from station.capture.protocol import Protocol, load_protocol
from station.records.repeatability import RepeatabilityRow
from station.records.store import Records
from station.rig.profile import RigProfile
from station.service.as_data import as_data
from station.service.course import Errors
from station.service.estimates import cv_source
from station.service.person_record import station_errors
from station.service.views import AboutView
from station.settings import Settings
from station.trends.error import ChangeLimits, FrameError, mdc95_log, visit_cv
from station.trends.repeatability import (
    Figures,
    MatchedFigures,
    Repeats,
    fu_figures,
    hairs_figures,
    matched_figures,
)
from station.trends.sentences import Sentence, say


@dataclass(frozen=True, slots=True)
class SiteRepeatability:
    """One site, or all of them together (site and name empty). runs: how often it was measured; persons: how many
    different ones, nobody on record being one; latest: date of the last run."""

    site: str
    name: str
    latest: dt.date
    runs: int
    persons: int
    hairs: Figures
    fu: Figures
    matched: MatchedFigures


@dataclass(frozen=True, slots=True)
class InUse:
    """The error that trends reckon with now. default: it stands in until enough is measured; cv_percent: of one
    photograph (the default: of a visit); pairs: behind it; limits: between two later visits of the protocol, as
    shares; source: where it comes from."""

    default: bool
    cv_percent: float
    pairs: int
    limits: ChangeLimits
    source: Sentence


@dataclass(frozen=True, slots=True)
class RepeatabilityView:
    """Repeatability under one rig and model. person: a code, empty for the whole station; simulated: measured at a
    simulated rig; together: None until there is a run; frames, site_count: of a later visit, for `InUse.limits`."""

    person: str
    rig: str
    model: str
    simulated: bool
    together: SiteRepeatability | None
    sites: tuple[SiteRepeatability, ...]
    hairs_in_use: InUse
    fu_in_use: InUse
    frames: int
    site_count: int

    @property
    def notes(self) -> tuple[Sentence, ...]:
        """What to bear in mind about the figures of all sites together."""
        found = self.together
        if found is None:
            return ()
        notes: list[Sentence | None] = [found.hairs.icc_reason]
        if found.hairs.within_cv is None:
            notes.append(say("repeatability.one-photograph"))
        if found.matched.refused:
            key = "repeatability.matched-refused" + ("-one" if found.matched.refused == 1 else "")
            notes.append(say(key, n=found.matched.refused))
        return tuple(note for note in notes if note is not None)


def repeatability_view(
    rows: Sequence[RepeatabilityRow],
    errors: Errors,
    protocol: Protocol,
    *,
    person: str,
    rig: str,
    model: str,
    simulated: bool,
) -> RepeatabilityView:
    """The view of runs. errors: what trends reckon with; rig: its name; model: its label."""
    known = {site.id: site.name for site in protocol.sites}
    order = [*known, *dict.fromkeys(row.site for row in rows if row.site not in known)]
    own = {site: [row for row in rows if row.site == site] for site in order}
    return RepeatabilityView(
        person=person,
        rig=rig,
        model=model,
        simulated=simulated,
        together=_together(rows, "", "") if rows else None,
        sites=tuple(_together(of, site, known.get(site, site)) for site, of in own.items() if of),
        hairs_in_use=_in_use(errors.hairs, protocol),
        fu_in_use=_in_use(errors.fu, protocol),
        frames=protocol.frames_later,
        site_count=len(protocol.sites),
    )


def payload(view: RepeatabilityView, *, language: str = "en") -> dict[str, Any]:
    """The view for JSON: `all` and `sites`, each with `visit_cv_pct`, `reposition_cv_pct`, `icc` and `mdc95_pct` of
    hairs per cm2 and more beside them; `in_use`, what trends reckon with. Null: cannot be told."""
    found: dict[str, Any] = as_data(
        {
            "all": None if view.together is None else _numbers(view.together),
            "sites": {site.site: _numbers(site) for site in view.sites},
            "in_use": {"hairs": _used(view.hairs_in_use), "fu": _used(view.fu_in_use)},
            "rig": view.rig,
            "model": view.model,
            "simulated": view.simulated,
            "person": view.person,
        },
        language=language,
    )
    return found


def _together(rows: Sequence[RepeatabilityRow], site: str, name: str) -> SiteRepeatability:
    runs = [Repeats(row.person, row.site, row.hairs, row.fu, row.matched, row.refused) for row in rows]
    return SiteRepeatability(
        site=site,
        name=name,
        latest=max(row.taken.local_date for row in rows),
        runs=len({row.taken.utc for row in rows}),
        persons=len({row.person for row in rows}),
        hairs=hairs_figures(runs),
        fu=fu_figures(runs),
        matched=matched_figures(runs),
    )


def _in_use(error: FrameError, protocol: Protocol) -> InUse:
    weights = list(protocol.weights().values())
    cv = visit_cv(error, weights, [protocol.frames_later] * len(weights))
    return InUse(not error.measured, 100 * error.cv, error.pairs, mdc95_log(cv, cv), cv_source(error))


def _numbers(site: SiteRepeatability) -> Mapping[str, Any]:
    matched = site.matched
    return {
        **_figures(site.hairs),
        "matched_sd_pct": _percent(matched.sd),
        "matched_mdc95_pct": None if matched.mdc is None else _percent(matched.mdc.rise),
        "matched_pairs": matched.pairs,
        "matched_refused": matched.refused,
        "runs": site.runs,
        "persons": site.persons,
        "date": site.latest,
        "fu": _figures(site.fu),
    }


def _figures(found: Figures) -> Mapping[str, Any]:
    """`mdc95_pct` is the rise, the larger of the two limits on logs."""
    return {
        "visit_cv_pct": _percent(found.visit_cv),
        "reposition_cv_pct": _percent(found.reposition_cv),
        "within_cv_pct": _percent(found.within_cv),
        "icc": found.icc,
        "icc_reason": found.icc_reason,
        "mdc95_pct": None if found.mdc is None else _percent(found.mdc.rise),
        "mdc95_fall_pct": None if found.mdc is None else _percent(found.mdc.fall),
        "repeats": found.repeats,
        "photographs": found.photographs,
        "pairs": found.pairs,
        "enough": found.enough,
    }


def _used(used: InUse) -> Mapping[str, Any]:
    return {
        "default": used.default,
        "cv_pct": round(used.cv_percent, 4),
        "pairs": used.pairs,
        "visit_mdc95_pct": _percent(used.limits.rise),
        "visit_mdc95_fall_pct": _percent(used.limits.fall),
        "source": used.source,
    }


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 4)


def told_repeatability(
    records: Records, profile: RigProfile, about: AboutView, settings: Settings, code: str | None
) -> RepeatabilityView:
    """The view of the station's own rig and model, or of a person under those of the latest measurement. profile,
    about, settings: the station's. Raises NotFoundError."""
    rig, model, sha256 = profile.id, about.model, about.model_sha256
    simulated = settings.camera_driver == "simulated"
    if code is not None:
        simulated = records.person(code).demonstration
        measured = [row for row in records.captures(code) if row.measurement is not None]
        latest = max(measured, key=lambda row: row.taken.utc, default=None)
        if latest is not None and latest.measurement is not None:
            rig, model, sha256 = latest.rig_id, latest.measurement.model, latest.measurement.model_sha256
    return repeatability_view(
        records.repeatability.of(rig, sha256, simulated=simulated, person=code),
        station_errors(records, rig, sha256, simulated=simulated),
        load_protocol(),
        person=code or "",
        rig=profile.name if rig == profile.id else rig,
        model=model,
        simulated=simulated,
    )
