"""What every answer says to the browser, and which requests are refused."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.fixture_station import CODE, FixtureStation
from web import create_app

PAGES = (
    f"/person/{CODE}",
    f"/person/{CODE}/visit/5",
    f"/person/{CODE}/visit/5/site/vertex",
    "/about",
    "/nothing",
    "/help",
    "/help/b12",
    f"/person/{CODE}/trends",
    f"/person/{CODE}/record",
    f"/person/{CODE}/record/answers/new",
    f"/person/{CODE}/record/regimen/new?template=loading-injections",
    f"/person/{CODE}/live",
)


@pytest.mark.parametrize("address", [*PAGES, f"/api/person/{CODE}/course", "/capture/5020/photo.jpg", "/"])
def test_headers(client: FlaskClient, address: str) -> None:
    headers = client.get(address).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["img-src"] == policy["font-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.req("REQ-44")
@pytest.mark.parametrize("address", PAGES)
def test_nothing_stands_in_the_page_that_the_policy_forbids(client: FlaskClient, address: str) -> None:
    text = client.get(address).get_data(as_text=True)
    assert not re.search(r"\sstyle=", text)
    assert not re.search(r"\son[a-z]+=", text)
    assert "<style" not in text
    assert all('src="/static/' in tag for tag in re.findall(r"<script[^>]*>", text))
    links = re.findall(r'(?:href|src|hx-get|data-[a-z]+)="(https?:[^"]*|//[^"]*)"', text)
    assert links == []


def test_static_files_may_be_kept_for_good_under_their_digest(client: FlaskClient) -> None:
    text = client.get("/about").get_data(as_text=True)
    address = re.search(r'href="(/static/css/tokens\.css\?v=[0-9a-f]{12})"', text)
    assert address is not None
    kept = client.get(address.group(1))
    assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert kept.headers["ETag"]
    again = client.get(address.group(1), headers={"If-None-Match": kept.headers["ETag"]})
    assert again.status_code == 304
    for stale in ("/static/css/tokens.css", "/static/css/tokens.css?v=000000000000"):
        assert client.get(stale).headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("host", ["localhost", "localhost:8300", "127.0.0.1:8300", "[::1]:8300"])
def test_own_hosts_are_answered(client: FlaskClient, host: str) -> None:
    assert client.get("/about", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:8300", "localhost.evil.example", "10.0.0.5", "[::1", ""]
)
def test_foreign_hosts_are_refused(client: FlaskClient, host: str) -> None:
    answer = client.get(f"/api/person/{CODE}/course", headers={"Host": host})
    assert answer.status_code == 421
    assert answer.get_json()["error"]["code"] == "host"


def test_further_hosts_can_be_allowed() -> None:
    client = create_app(FixtureStation(), hosts=("station.local",)).test_client()
    assert client.get("/about", headers={"Host": "station.local:8300"}).status_code == 200
    assert client.get("/about", headers={"Host": "localhost"}).status_code == 421


@pytest.fixture
def changing(app: Flask) -> FlaskClient:
    """The application with an address that changes something; the pages have none of their own yet."""
    app.add_url_rule("/change", "change", lambda: "changed", methods=["POST"])
    return app.test_client()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    ],
)
def test_changes_from_own_pages_are_carried_out(changing: FlaskClient, headers: dict[str, str]) -> None:
    assert changing.post("/change", headers=headers).get_data(as_text=True) == "changed"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost:9999"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
    ],
)
def test_changes_from_other_origins_are_refused(changing: FlaskClient, headers: dict[str, str]) -> None:
    answer = changing.post("/change", headers=headers | {"Accept": "application/json"})
    assert answer.status_code == 403
    assert answer.get_json()["error"]["code"] == "origin"
