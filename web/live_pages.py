"""The live view: the pictures as one endless answer (multipart MJPEG), what is known of them as server-sent events.

Both end when the client leaves: each picture and each heartbeat is a write, and the first one that fails closes the
answer. Each holds one of the server's threads, so the service sends away whoever has looked longest when too many look.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, render_template, stream_with_context

from station.errors import NotFoundError
from station.service.live import Live, Viewer
from station.service.live_state import LiveState
from web.language import language
from web.live_text import LIVE
from web.port import the_station

blueprint = Blueprint("live", __name__)

BOUNDARY = "picture"
HEARTBEAT_S = 1.0
"""At least so often something is written, so that a client who left is noticed."""
RETRY_MS = 2000
"""After this time a browser asks again for events that broke off."""


def the_live() -> Live:
    """The station's live view. Raises NotFoundError where it has none."""
    live = the_station().live
    if live is None:
        raise NotFoundError("this station has no live view", person=LIVE.none)
    return live


@blueprint.get("/live")
def page() -> str:
    """The camera's page: what it sees, and what is wrong with it."""
    return render_template("live_page.html", live=the_live())


@blueprint.get("/live/stream")
def stream() -> Response:
    """The live pictures."""
    answer = Response(_pictures(the_live()), mimetype=f"multipart/x-mixed-replace; boundary={BOUNDARY}")
    answer.headers["X-Accel-Buffering"] = "no"  # a proxy passes each picture on at once
    return answer


@blueprint.get("/live/state")
def state() -> Response:
    """What is known of the live pictures, in the reader's language."""
    answer = Response(stream_with_context(_events(the_live(), language())), mimetype="text/event-stream")
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


@blueprint.get("/live/ghost")
def ghost() -> Response:
    """The baseline's photograph, small. Raises NotFoundError without a baseline."""
    picture = the_live().ghost()
    if not picture:
        raise NotFoundError("there is no baseline to show", person=LIVE.overlap_none)
    return Response(picture, mimetype="image/jpeg")


@blueprint.post("/live/touch")
def touch() -> tuple[str, int]:
    """Someone is there: the lamp's time begins anew."""
    the_live().touch()
    return "", 204


def _pictures(live: Live) -> Iterator[bytes]:
    """The boundary follows each picture at once: browsers show a picture when they see its end."""
    yield f"--{BOUNDARY}\r\n".encode()
    with live.view() as viewer:
        last: bytes | None = None
        while not viewer.ended:
            shot = viewer.wait(HEARTBEAT_S)
            picture = live.jpeg() if shot is None else shot.jpeg
            if shot is not None and picture is last:
                continue  # only the state is new
            last = picture
            head = f"Content-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
            yield head.encode() + picture + f"\r\n--{BOUNDARY}\r\n".encode()


def _events(live: Live, spoken: str) -> Iterator[str]:
    yield f"retry: {RETRY_MS}\n\n"
    with live.view() as viewer:
        yield from _while_looking(live, viewer, spoken)


def _while_looking(live: Live, viewer: Viewer, spoken: str) -> Iterator[str]:
    while not viewer.ended:
        shot = viewer.wait(HEARTBEAT_S)
        if shot is None:
            yield ": still here\n\n"
        else:
            yield f"data: {json.dumps(as_data(shot.state, spoken, ghost=bool(live.ghost())), ensure_ascii=False)}\n\n"
    yield "event: ended\ndata: {}\n\n"


def as_data(state: LiveState, spoken: str, *, ghost: bool) -> dict[str, Any]:
    """A state as the page's script reads it; texts in the language `spoken`."""
    view, way = state.gate, state.guidance
    first = view.first if view is not None else None
    return {
        "number": state.number,
        "phase": state.phase,
        "sentence": state.sentence.text(spoken),
        "picture": first.picture if first is not None else "good" if view is not None else "wait",
        "findings": [
            {"code": each.code, "ok": each.ok, "needed": each.needed, "text": each.text.text(spoken)}
            for each in (view.findings if view is not None else ())
        ],
        "good": view is not None and view.good_since is not None,
        "ready": view is not None and view.ready,
        "overlap": round(100 * way.overlap) if way is not None else None,
        "enough": way is not None and way.enough,
        "arrows": [
            {"direction": arrow.direction, "amount": round(arrow.amount, 1), "text": arrow.sentence.text(spoken)}
            for arrow in (way.arrows if way is not None else ())
        ],
        "outline": state.outline,
        "ghost": ghost,
        "frames_per_s": round(state.frames_per_s, 1),
        "lamp_left_s": round(state.lamp_left_s),
    }
