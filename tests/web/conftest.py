"""The application over a station with plausible records."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.fixture_station import FixtureStation
from web import create_app


@pytest.fixture
def station() -> FixtureStation:
    return FixtureStation()


@pytest.fixture
def app(station: FixtureStation) -> Flask:
    return create_app(station)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
