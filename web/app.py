"""The application factory."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from pathlib import Path

from flask import Flask
from jinja2 import StrictUndefined

from web import (
    acknowledge,
    api,
    compare_pages,
    failures,
    formats,
    help_pages,
    live_pages,
    pages,
    palette,
    person_pages,
    record_pages,
    repeatability_pages,
    security,
    session_pages,
    trends_pages,
    view_pages,
)
from web import language as reader
from web.assets import Assets
from web.compare_text import COMPARE
from web.course import FU, HAIRS
from web.live_text import LIVE
from web.port import EXTENSION, StationPort
from web.record_text import RECORD
from web.repeatability_text import REPEATABILITY
from web.session_text import SESSION
from web.text import TEXT
from web.trends_text import TRENDS

LONGEST_FORM = 8_000_000
"""Bytes of a form: the longest note with every letter escaped, and room to say at its field that it is too long."""


def create_app(
    station: StationPort,
    hosts: Sequence[str] = security.LOOPBACK,
    *,
    language: str = "en",
    interpretation: bool = True,
) -> Flask:
    """The pages and the API over a station.

    station: the service object; hosts: the names or addresses, without ports, by which browsers may reach the
    station. Only the loopback names by default: whoever serves on the LAN adds the station's name there.
    language, interpretation: the settings `pages.language` and `text.interpretation`.
    """
    app = Flask("web")
    mimetypes.add_type("font/woff2", ".woff2")  # unknown to Python itself where the system has no list of types
    app.extensions[EXTENSION] = station
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = LONGEST_FORM
    assets = Assets.of_folder(Path(app.root_path) / "static", app.static_url_path or "/static")
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        t=TEXT,
        r=RECORD,
        w=TRENDS,
        v=SESSION,
        l=LIVE,
        q=REPEATABILITY,
        c=COMPARE,
        said=reader.said,
        f=formats,
        language=reader.language,
        languages=reader.NAMES,
        asset=assets.url,
        FU=FU,
        HAIRS=HAIRS,
        palette=palette,
    )
    app.jinja_env.filters["told"] = reader.told
    security.register(app, assets, tuple(hosts))
    failures.register(app)
    reader.register(app, language, interpretation=interpretation)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(person_pages.blueprint)
    app.register_blueprint(acknowledge.blueprint)
    app.register_blueprint(record_pages.blueprint)
    app.register_blueprint(help_pages.blueprint)
    app.register_blueprint(trends_pages.blueprint)
    app.register_blueprint(session_pages.blueprint)
    app.register_blueprint(view_pages.blueprint)
    app.register_blueprint(live_pages.blueprint)
    app.register_blueprint(repeatability_pages.blueprint)
    app.register_blueprint(compare_pages.blueprint)
    app.register_blueprint(api.blueprint)
    return app
