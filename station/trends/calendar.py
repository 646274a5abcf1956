"""Reminders as an iCalendar feed (RFC 5545) of whole days, fit for a calendar that others can see.

Unless the person asks for details, an event says neither what is tested nor what is taken (domain reference 7.2:
privacy by default). It does not block the day, carries no alarm and is marked private.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections.abc import Iterable

import icalendar

from station.trends.reminders import Reminder, ReminderState, substance_word
from station.trends.sentences import say

_PRODUCT = "-//Station//Reminders//EN"
_UID_LETTERS = 32


def calendar_feed(
    reminders: Iterable[Reminder],
    *,
    person: str,
    key: bytes,
    today: dt.date,
    detailed: bool = False,
    interpreting: bool = True,
    language: str = "en",
) -> bytes:
    """The feed of one person's reminders that are not done, as UTF-8 text.

    person: the code, which appears nowhere in it; key: secret and lasting, of the station: a code is short enough to
    be guessed from a plain hash; today: the day that the events are stamped with; detailed: the person asked for
    titles and sentences that name tests and substances; interpreting: False leaves interpreting notes out.
    """
    calendar = icalendar.Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", say(_key("name", detailed)).text(language))
    stamp = dt.datetime.combine(today, dt.time(), dt.UTC)
    for reminder in reminders:
        if reminder.state is not ReminderState.DONE:
            calendar.add_component(
                _event(reminder, _uid(reminder, person, key), stamp, detailed, interpreting, language)
            )
    return bytes(calendar.to_ical())


def _event(
    reminder: Reminder, uid: str, stamp: dt.datetime, detailed: bool, interpreting: bool, language: str
) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", uid)
    event.add("dtstamp", stamp)
    event.add("dtstart", reminder.due)
    event.add("dtend", reminder.due + dt.timedelta(days=1))
    title = say(_key(reminder.kind, detailed), substance=substance_word(reminder.substance))
    event.add("summary", title.text(language))
    if detailed:
        sentences = [
            each for each in (reminder.sentence, reminder.note) if each and (interpreting or not each.interpreting)
        ]
        event.add("description", "\n".join(each.text(language) for each in sentences))
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT")
    return event


def _key(name: str, detailed: bool) -> str:
    return f"calendar.{name}{'-detailed' if detailed else ''}"


def _uid(reminder: Reminder, person: str, key: bytes) -> str:
    """The same for the same reminder of the same person each time, and without the key nothing can be told from it."""
    what = "\0".join((person, reminder.kind, reminder.substance, reminder.due.isoformat()))
    return hmac.new(key, what.encode(), hashlib.sha256).hexdigest()[:_UID_LETTERS]
