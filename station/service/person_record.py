"""Everything on record about one person, gathered for the trends (`station.trends.inputs.PersonRecord`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from station.capture.protocol import load_protocol
from station.entries import (
    AcknowledgedEntry,
    AnswersEntry,
    DoseEntry,
    EventEntry,
    HairlineEntry,
    LabEntry,
    ProfileEntry,
    RegimenEntry,
    ShedEntry,
    SkipEntry,
    TrichogramEntry,
)
from station.records.entry_rows import E, Stored
from station.records.health import HealthRecords, current_labs
from station.records.readings import MadeBy, SiteRow, VisitSites
from station.records.store import Records
from station.service import course
from station.service.matched import Place, matched_sites, waits
from station.settings import Settings
from station.trends.inputs import DEFAULT_MATCHED_SD, Matched, PersonRecord, SiteReading, VisitReading


def person_record(
    records: Records, health: HealthRecords, code: str, today: dt.date, settings: Settings
) -> PersonRecord:
    """A person's visits and entries as of `today`. Raises NotFoundError for an unknown person.

    Entries that are marked for review are counted and left out. The error is that of the rig and model of the latest
    measured visit, the weights are those of the latest visit's protocol.
    """
    rows = records.readings(code)
    made_by, thin_um = _latest(rows)
    done = records.sessions.done_visits(code)
    errors = repeatability_of(records, code, made_by.rig, made_by.model_sha256) if made_by else course.repeatability(())
    protocol = load_protocol(rows[-1].protocol) if rows else load_protocol()
    compared = records.comparisons.of(code)
    matched = matched_sites(rows, compared)
    gathered = _Gathered(health, code)
    labs = gathered.trusted(current_labs(health.entries(code, LabEntry)))
    answers = gathered.entries(AnswersEntry)
    return PersonRecord(
        today=today,
        visits=tuple(
            _visit(row, thin_um, today, matched, unmatched=waits(row, matched, compared), done=row.number in done)
            for row in rows
        ),
        weights=protocol.weights(),
        error_hairs=errors.hairs,
        error_fu=errors.fu,
        error_matched=DEFAULT_MATCHED_SD if errors.matched is None else errors.matched,
        matched_measured=errors.matched is not None,
        profile=(gathered.entries(ProfileEntry) or (ProfileEntry(),))[-1],
        # The later one of two of the same day.
        answers=max(reversed(answers), key=lambda entry: entry.answered, default=None),
        labs=labs,
        regimens=gathered.entries(RegimenEntry),
        doses=gathered.entries(DoseEntry),
        events=gathered.entries(EventEntry),
        sheds=gathered.entries(ShedEntry),
        hairlines=gathered.entries(HairlineEntry),
        trichograms=gathered.entries(TrichogramEntry),
        skips=gathered.entries(SkipEntry),
        threshold_set=settings.labs_threshold_set,
        south=settings.site_hemisphere == "south",
        acknowledged=max((entry.acknowledged for entry in gathered.entries(AcknowledgedEntry)), default=None),
        review_count=gathered.marked,
    )


def repeatability_of(records: Records, code: str, rig_id: str, model_sha256: str) -> course.Errors:
    """How well one photograph of a person repeats under a rig and model. Runs at a simulated rig count for a
    demonstration's person alone. Raises NotFoundError."""
    return station_errors(records, rig_id, model_sha256, simulated=records.person(code).demonstration)


def station_errors(records: Records, rig_id: str, model_sha256: str, *, simulated: bool) -> course.Errors:
    """How well one photograph repeats under a rig and model, from everybody's repeats."""
    runs = records.repeatability.of(rig_id, model_sha256, simulated=simulated)
    return course.repeatability(records.repeats(rig_id, model_sha256), runs)


class _Gathered:
    """A person's entries that may be reasoned with, and how many may not."""

    def __init__(self, health: HealthRecords, code: str) -> None:
        self._health = health
        self._code = code
        self.marked = 0

    def entries(self, kind: type[E]) -> tuple[E, ...]:
        return self.trusted(self._health.entries(self._code, kind))

    def trusted(self, stored: Iterable[Stored[E]]) -> tuple[E, ...]:
        entries = tuple(each.entry for each in stored)
        trusted = tuple(entry for entry in entries if not entry.review)
        self.marked += len(entries) - len(trusted)
        return trusted


def series(made_by: Iterable[MadeBy]) -> str:
    """What must stay the same for visits to be comparable: rig, model and calibration. A visit made with several is
    comparable to those made with just the same ones."""
    return " + ".join(sorted(" ".join(each) for each in set(made_by)))


def _latest(rows: Iterable[VisitSites]) -> tuple[MadeBy | None, float | None]:
    """What made the latest measured visit, and the diameter below which its hairs counted as thin."""
    sites = next((row.sites for row in reversed(tuple(rows)) if row.sites), ())
    made_by = max((each for site in sites for each in site.made_by), default=None)
    return made_by, next((site.thin_um for site in sites if site.thin_um is not None), None)


def _visit(
    row: VisitSites,
    thin_um: float | None,
    today: dt.date,
    matched: Mapping[Place, Matched],
    *,
    unmatched: bool,
    done: bool,
) -> VisitReading:
    """A visit of today may still go on until it is finished (done), or all photographs of its protocol are taken.
    unmatched: some of its sites wait to be compared."""
    protocol = load_protocol(row.protocol)
    whole = done or row.photographs >= protocol.frames(row.number) * len(protocol.sites)
    return VisitReading(
        number=row.number,
        date=row.date,
        protocol=row.protocol,
        series=series(each for site in row.sites for each in site.made_by),
        sites={site.site: _site(site, thin_um, matched.get((row.number, site.site))) for site in row.sites},
        finished=not row.waiting and not unmatched and (whole or row.date < today),
    )


def _site(row: SiteRow, thin_um: float | None, matched: Matched | None) -> SiteReading:
    """thin_um: shares of thin hairs below another diameter say something else, and are left out."""
    return SiteReading(
        site=row.site,
        hairs_per_cm2=row.hairs_per_cm2,
        fu_per_cm2=row.fu_per_cm2,
        frames=row.frames,
        area_cm2=row.area_cm2,
        thin_share=row.thin_share if row.thin_um == thin_um else None,
        calibre_um=row.calibre_um,
        grey_share=row.grey_share,
        short_share=row.short_share,
        single_share=row.single_share,
        matched=matched,
    )
