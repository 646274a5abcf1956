"""One shape for every failure, on pages and in JSON: a code and a sentence for the person; never a traceback."""

from __future__ import annotations

from typing import ClassVar

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from station.errors import StationError, UsageError
from web.language import language
from web.text import TEXT


class OriginError(UsageError):
    """A request that would change something did not come from the station's own pages."""

    code: ClassVar[str] = "origin"
    http_status: ClassVar[int] = 403


class HostError(UsageError):
    """The station was addressed by a name that is not its own."""

    code: ClassVar[str] = "host"
    http_status: ClassVar[int] = 421


def register(app: Flask) -> None:
    """Make every failure of the application answer in the one shape."""
    app.register_error_handler(StationError, _station_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def answer(code: str, sentence: str, status: int) -> Response:
    """A failure as JSON for the API and for whoever asks for JSON, as a page for everybody else."""
    if _wants_json():
        return make_response(jsonify({"error": {"code": code, "message": sentence}}), status)
    return make_response(render_template("error.html", code=code, sentence=sentence), status)


def _wants_json() -> bool:
    if request.path.startswith("/api/"):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return best == "application/json"


def _station_error(error: StationError) -> Response:
    if error.http_status >= 500:
        current_app.logger.error("%s: %s", error.code, error.operator)
    return answer(error.code, error.told(language()), error.http_status)


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    words = {
        404: ("not-found", TEXT.error_not_found),
        405: ("method", TEXT.error_method),
    }
    unknown = ("internal", TEXT.error_internal) if status >= 500 else ("usage", TEXT.error_request)
    code, sentence = words.get(status, unknown)
    reply = answer(code, sentence, status)
    allowed = error.get_response().headers.get("Allow")
    if allowed:
        reply.headers["Allow"] = allowed
    return reply


def _unexpected(error: Exception) -> Response:
    current_app.logger.error("internal: %s %s", request.method, request.path, exc_info=error)
    return answer("internal", TEXT.error_internal, 500)
