"""JSON and images. Every failure has the shape {"error": {"code", "message"}}."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, Response, jsonify, request

from station.errors import UsageError
from web import course
from web.port import the_station
from web.text import TEXT

WIDTHS = (16, 8192)
"""Least and greatest width that a photograph can be asked for, in pixels."""

blueprint = Blueprint("api", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Whether the pages answer. Says nothing about any person."""
    return jsonify({"status": "ok"})


@blueprint.get("/api/progress")
def progress() -> Response:
    """The work under way: running, done and total photographs, text, error, eta_s (null: not known)."""
    return jsonify(asdict(the_station().progress()))


@blueprint.get("/api/person/<code>/course")
def person_course(code: str) -> Response:
    """The course over all visits, see `web.course.payload`."""
    return jsonify(course.payload(the_station().person(code)))


@blueprint.get("/api/capture/<int:capture_id>/points")
def points(capture_id: int) -> Response:
    """Hair roots and follicular units of one photograph, in pixels of its full size and in mm."""
    return jsonify(the_station().points(capture_id))


@blueprint.get("/capture/<int:capture_id>/photo.jpg")
def photo(capture_id: int) -> Response:
    """The photograph; `w`: at most so many pixels wide."""
    return Response(the_station().photo(capture_id, width_asked()), mimetype="image/jpeg")


@blueprint.get("/capture/<int:capture_id>/map-fu.png")
def map_fu(capture_id: int) -> Response:
    """Map of FU/cm2, transparent where nothing could be counted."""
    return Response(the_station().map_png(capture_id, "fu"), mimetype="image/png")


@blueprint.get("/capture/<int:capture_id>/map-hairs.png")
def map_hairs(capture_id: int) -> Response:
    """Map of hairs/cm2, transparent where nothing could be counted."""
    return Response(the_station().map_png(capture_id, "hairs"), mimetype="image/png")


def width_asked() -> int | None:
    """The width that a photograph is asked for at, `w`; None: its full one. Raises UsageError."""
    stated = request.args.get("w")
    if stated is None:
        return None
    low, high = WIDTHS
    if not (stated.isascii() and stated.isdigit() and low <= int(stated[:9]) <= high):
        sentence = TEXT.error_width.format(low=low, high=high)
        raise UsageError(f"w={stated[:20]!r}: {sentence}", person=sentence)
    return int(stated)
