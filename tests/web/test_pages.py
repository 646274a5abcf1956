"""What the pages say: the person's overview, a visit, a site, About, the start page."""

from __future__ import annotations

import html
import re

import pytest
from flask.testing import FlaskClient

from tests.web.fixture_station import CODE, SITES, FixtureStation
from web import create_app

PERSON = f"/person/{CODE}"


def page(client: FlaskClient, address: str, status: int = 200) -> str:
    """The page's text with its no-break spaces made plain."""
    answer = client.get(address)
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.mimetype == "text/html"
    return html.unescape(answer.get_data(as_text=True)).replace("\u00a0", " ")


def client_of(station: FixtureStation) -> FlaskClient:
    return create_app(station).test_client()


def test_start_leads_to_the_demonstration_person(client: FlaskClient) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer.location) == (302, PERSON)


def test_start_asks_for_a_code_and_lists_nobody() -> None:
    client = client_of(FixtureStation(demo=False))
    text = page(client, "/")
    assert "Your code" in text
    assert CODE not in text
    assert "Demonstration person" not in text
    answer = client.get("/", query_string={"code": f"  {CODE} "})
    assert (answer.status_code, answer.location) == (303, PERSON)


@pytest.mark.parametrize(
    ("typed", "status", "sentence"),
    [
        ("", 400, "Please type your code first."),
        ("   ", 400, "Please type your code first."),
        ("NOBODY", 404, "There is no record under this code."),
        ("<script>alert(1)</script>", 404, "There is no record under this code."),
    ],
)
def test_start_says_what_is_wrong_with_a_code(typed: str, status: int, sentence: str) -> None:
    answer = client_of(FixtureStation(demo=False)).get("/", query_string={"code": typed})
    text = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert sentence in text
    assert "<script>alert" not in text


def test_overview_leads_with_the_change_and_its_error(client: FlaskClient) -> None:
    text = page(client, PERSON)
    assert "<h1>Hairs/cm²: within measurement error since 3 Mar 2025</h1>" in text
    assert "The recorded difference is −2.0 %; less than 9.8 % cannot be told from measurement error (95 %)." in text
    assert "FU/cm² beside it: −0.7 % (least detectable change 9.8 %)." in text
    assert "In between: visits 4–8 recorded below the baseline's band." in text
    assert "The default of 7 % until 10 repeat pairs are recorded; none are recorded so far." in text


def test_overview_states_a_change_beyond_error() -> None:
    text = page(client_of(FixtureStation(6)), PERSON)
    assert "<h1>Hairs/cm² changed by −20.0 % since 3 Mar 2025</h1>" in text
    assert "This is beyond measurement error: the least detectable change is 9.8 % (95 %)." in text


@pytest.mark.parametrize(("visits", "counted"), [(0, "0 are complete"), (1, "1 is complete")])
def test_overview_claims_nothing_from_too_few_visits(visits: int, counted: str) -> None:
    text = page(client_of(FixtureStation(visits)), PERSON)
    assert "Not enough data to tell a change" in text
    assert f"two complete visits or more; {counted} so far" in text
    assert "measurement error since" not in text


def test_overview_marks_the_demonstration_and_its_smaller_field(client: FlaskClient) -> None:
    text = page(client, PERSON)
    assert "The person is simulated, the measuring is real." in text
    assert "Simulated rig: its field of 12 x 9 mm is about a sixth of the reference rig's." in text
    assert "Demonstration" not in page(client_of(FixtureStation(demo=False)), PERSON)


def test_overview_shows_the_latest_complete_visit_or_the_chosen_one(client: FlaskClient) -> None:
    assert '<h2 id="visit-panel-title">Visit 13, 26 Feb 2026</h2>' in page(client, PERSON)
    chosen = page(client, f"{PERSON}?visit=2")
    assert '<h2 id="visit-panel-title">Visit 2, 2 Apr 2025</h2>' in chosen
    assert re.search(r'id="visit-2"[^>]*aria-current="true"', chosen)
    partial = page(client_of(FixtureStation(4, partial=True, running=True)), PERSON)
    assert '<h2 id="visit-panel-title">Visit 3, 2 May 2025</h2>' in partial
    assert "5 of 8 sites measured" in partial


def test_overview_draws_every_site_with_value_name_and_error(client: FlaskClient) -> None:
    text = page(client, PERSON)
    for site, name, _, _ in SITES:
        assert f'id="site-{site}"' in text
        assert f">{name}</text>" in text
    assert 'aria-label="Frontal: 73.5 FU/cm² (90 % interval 68–79)"' in text


def test_overview_has_the_course_as_a_table(client: FlaskClient) -> None:
    text = page(client, PERSON)
    rows = re.findall(r'<tr>\s*<th scope="row">.*?</tr>', text, re.S)
    assert len(rows) == 13
    assert "168 (161–175)" in rows[0]
    assert "82.0 (79–85)" in rows[0]


def test_live_sends_only_the_progress_bar_while_nothing_changed() -> None:
    client = client_of(FixtureStation(4, running=True))
    text = page(client, PERSON)
    poll = re.search(r'hx-get="([^"]+)" hx-trigger="every 2s"', text)
    assert poll is not None
    answer = client.get(poll.group(1))
    body = answer.get_data(as_text=True).replace("\u00a0", " ")
    assert answer.status_code == 200
    assert "HX-Trigger-After-Settle" not in answer.headers
    assert '<progress id="progress" max="208" value="64">' in body
    assert "Photographs measured: 64 of 208 · about 2 min left" in body
    assert "hx-swap-oob" not in body


def test_live_sends_new_numbers_and_stops_at_the_end() -> None:
    client = client_of(FixtureStation(5))
    answer = client.get(f"{PERSON}/live?visit=&seen=old")
    body = answer.get_data(as_text=True)
    assert answer.status_code == 286
    assert answer.headers["HX-Trigger-After-Settle"] == "course-changed"
    for part in ("headline", "timeline", "visit-panel", "course-table"):
        assert re.search(rf'id="{part}"[^>]*hx-swap-oob="true"', body), part
    assert "<progress" not in body


def test_visit_page_has_the_sites_as_a_table(client: FlaskClient) -> None:
    text = page(client, f"{PERSON}/visit/5")
    for _, name, _, _ in SITES:
        assert f">{name}</a></th>" in text
    assert "123 (114–131)" in text
    assert "1.24 cm²" in text
    assert "1 of 2" in text
    assert "1 could not be measured" in text
    assert "12 % of the photograph is out of focus and was left out." in text
    assert "Simulated date." in text
    assert f'rel="prev" href="{PERSON}/visit/4"' in text
    assert f'rel="next" href="{PERSON}/visit/6"' in text
    assert 'rel="next"' not in page(client, f"{PERSON}/visit/13")


@pytest.mark.req("REQ-16")
def test_site_page_shows_photograph_map_points_and_scale(client: FlaskClient) -> None:
    text = page(client, f"{PERSON}/visit/5/site/vertex")
    assert 'viewBox="0 0 1200 900"' in text
    assert 'href="/capture/5020/photo.jpg?w=1280"' in text
    assert 'href="/capture/5020/map-fu.png"' in text
    assert 'data-map="/capture/5020/map-hairs.png"' in text
    assert 'data-points="/api/capture/5020/points"' in text
    bar = re.search(r'id="scale-bar"[^>]* width="([0-9.]+)"', text)
    assert bar is not None
    assert float(bar.group(1)) == pytest.approx(2 * 135.0)
    assert ">2 mm</text>" in text
    assert f'rel="prev" href="{PERSON}/visit/4/site/vertex"' in text
    assert "ai-edge-litert 2.1.6" in text
    assert "3 Mar 2025, 09:30 UTC (simulated date)" in text


def test_site_page_tells_the_hairs_thickness_or_why_not(client: FlaskClient) -> None:
    text = page(client, f"{PERSON}/visit/5/site/vertex").replace("\N{NO-BREAK SPACE}", " ")
    assert "mean 61 µm, median 63 µm, 8 % below 30 µm, over 1\N{NARROW NO-BREAK SPACE}140 hairs that lie free" in text
    assert "<dt>Grey hairs</dt><dd>12 %</dd>" in text
    assert "<dt>Hairs under 0.35 mm</dt><dd>too few hairs show it</dd>" in text
    blurred = page(client, f"{PERSON}/visit/5/site/vertex?frame=2")
    assert "not given: Edges are 31 um wide, and thin hairs take 25 um or less." in blurred
    assert "µm" not in blurred


def test_site_page_shows_the_chosen_frame(client: FlaskClient) -> None:
    text = page(client, f"{PERSON}/visit/1/site/vertex?frame=3")
    assert "/capture/1022/photo.jpg" in text
    assert re.search(r'frame=3"[^>]*aria-current="true"', text)


def test_site_page_says_what_is_not_measured(client: FlaskClient) -> None:
    failed = page(client, f"{PERSON}/visit/1/site/occipital?frame=2")
    assert "This photograph could not be measured: The photograph is too dark to be counted." in failed
    assert 'id="photo-map"' not in failed
    waiting = page(client, f"{PERSON}/visit/1/site/occipital?frame=3")
    assert "This photograph is stored and not measured yet." in waiting
    nothing = page(client_of(FixtureStation(2, partial=True)), f"{PERSON}/visit/2/site/occipital")
    assert "No photograph of this site is recorded yet." in nothing


def test_about_has_model_engine_card_and_the_whole_disclaimer(client: FlaskClient) -> None:
    text = page(client, "/about")
    assert "ab" * 32 in text
    assert "ai-edge-litert 2.1.6" in text
    assert "<h3>Card</h3>" in text
    assert "a qualified health professional must interpret these records" in text
    assert (
        "Numbness, trouble walking, confusion, vision changes or severe fatigue need prompt medical attention." in text
    )


@pytest.mark.parametrize("address", [PERSON, f"{PERSON}/visit/5", f"{PERSON}/visit/5/site/vertex", "/about"])
def test_every_page_points_to_the_disclaimer(client: FlaskClient, address: str) -> None:
    text = page(client, address)
    assert "It does not diagnose or recommend treatment." in text
    assert 'href="/about#disclaimer"' in text


@pytest.mark.parametrize("address", [PERSON, f"{PERSON}/visit/5", f"{PERSON}/visit/5/site/vertex", "/about"])
def test_pages_never_diagnose(client: FlaskClient, address: str) -> None:
    """The words to avoid (domain reference 1.9, disclaimer) stand on no page."""
    text = page(client, address).lower()
    for word in ("confirms", "deficiency detected", "cured", "diagnosis", "you have", "normal hair loss"):
        assert word not in text, word
