"""The small parts: vendored files, contrast, formats, colours, the head chart, scale bars, markdown."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import web
from station.density import drawing
from station.values import Interval
from tests.web.fixture_station import CODE, FixtureStation, estimate
from web import formats, headchart, markdown, palette
from web.assets import Assets
from web.site_view import SCALE_BAR_SHARE, scale_bar

STATIC = Path(web.__file__).parent / "static"


def test_vendored_files_are_those_of_the_list() -> None:
    vendor = STATIC / "vendor"
    rows = re.findall(r"^\| (\S+) \|.*\| ([0-9a-f]{64}) \|$", (vendor / "LICENSES.md").read_text(), re.M)
    listed = dict(rows)
    present = {path.relative_to(vendor).as_posix() for path in vendor.rglob("*") if path.is_file()} - {"LICENSES.md"}
    assert set(listed) == present
    for name, digest in listed.items():
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == digest, name


def test_files_named_in_style_sheets_carry_their_digest() -> None:
    """Otherwise a browser asks for them at every page, or keeps an old one."""
    assets = Assets.of_folder(STATIC, "")
    found = 0
    for sheet in (STATIC / "css").glob("*.css"):
        for name, digest in re.findall(r'url\("\.\./([^"?]+)(?:\?v=([0-9a-f]*))?"\)', sheet.read_text()):
            assert assets.is_current(f"/{name}", digest), f"{sheet.name}: {name}"
            found += 1
    assert found == 2


def tokens(scheme: str) -> dict[str, tuple[int, int, int]]:
    """The opaque colours of one scheme, from the style sheet itself."""
    light, dark = (STATIC / "css" / "tokens.css").read_text().split("@media (prefers-color-scheme: dark)")
    source = light if scheme == "light" else dark
    found = re.findall(r"--([a-z-]+): #([0-9a-f]{6});", source)
    return {name: (int(value[:2], 16), int(value[2:4], 16), int(value[4:], 16)) for name, value in found}


def contrast(a: tuple[int, int, int], b: tuple[int, int, int]) -> float:
    """WCAG 2.2 contrast ratio."""
    light, dark = sorted((palette.luminance(a), palette.luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


TEXT_PAIRS = (
    ("ink", "paper"),
    ("ink", "surface"),
    ("ink", "sunken"),
    ("ink", "accent-soft"),
    ("ink-soft", "paper"),
    ("ink-soft", "surface"),
    ("ink-soft", "accent-soft"),
    ("accent", "paper"),
    ("accent", "surface"),
    ("accent", "accent-soft"),
    ("on-accent", "accent"),
    ("second", "surface"),
    ("notice", "notice-soft"),
    ("notice", "surface"),
)
SIGN_PAIRS = (("line-strong", "surface"), ("line-strong", "paper"), ("focus", "surface"), ("focus", "paper"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_signs_stand_out(scheme: str) -> None:
    colours = tokens(scheme)
    for text, ground in TEXT_PAIRS:
        assert contrast(colours[text], colours[ground]) >= 4.5, (scheme, text, ground)
    for sign, ground in SIGN_PAIRS:
        assert contrast(colours[sign], colours[ground]) >= 3.0, (scheme, sign, ground)


def test_contrast_of_known_pairs() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21.0)
    assert contrast((0x77, 0x77, 0x77), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)


@given(st.floats(-1, 2))
def test_values_on_the_head_chart_can_be_read(fraction: float) -> None:
    ground = palette.colour(fraction)
    ink = palette.ink_on(fraction)
    pair = [tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in (ground, ink)]
    assert contrast(pair[0], pair[1]) >= 4.5


def test_head_chart_and_density_maps_share_their_colours() -> None:
    for fraction, stop in palette.stops():
        density = np.full((4, 4), 140 * fraction, np.float32)
        drawn = drawing.map_rgba(density, 0.25, (1.0, 1.0), width_px=4, high=140)[2, 2]
        assert "#{:02x}{:02x}{:02x}".format(*drawn[:3]) == stop


def test_the_scale_rises_in_lightness() -> None:
    """Perceptually uniform scales never fall in lightness, so that they keep their order in grey."""
    shades = [palette.luminance(tuple(int(c[i : i + 2], 16) for i in (1, 3, 5))) for _, c in palette.stops()]
    assert shades == sorted(shades)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (estimate(78.4, 1.24, 2, 0.09), "78.4 FU/cm² (90 % interval 71–85)"),
        (estimate(162.3, 1.24, 2, 0.08), "162 FU/cm² (90 % interval 149–175)"),
        (replace(estimate(80.0, 1.0, 1), interval=Interval(79.2, 80.8)), "80.0 FU/cm² (90 % interval 79.2–80.8)"),
        (None, "–"),
    ],
)
def test_a_density_is_written_with_unit_and_error(value: object, words: str) -> None:
    assert formats.estimate(value, "FU/cm²").replace("\u00a0", " ") == words  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seconds", "words"), [(3.0, "about 10 s"), (44.0, "about 40 s"), (55.0, "about 1 min"), (200.0, "about 3 min")]
)
def test_waiting_times_are_rounded(seconds: float, words: str) -> None:
    assert formats.duration(seconds).replace("\u00a0", " ") == words


def test_moment_is_given_in_utc() -> None:
    local = dt.datetime(2025, 3, 3, 1, 30, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    assert formats.moment(local).replace("\u00a0", " ") == "2 Mar 2025, 23:30 UTC"


@given(st.floats(15, 500), st.integers(64, 6000))
def test_scale_bar_is_round_true_and_fits(px_per_mm: float, width: int) -> None:
    bar = scale_bar(px_per_mm, width)
    if bar is None:
        assert 0.1 * px_per_mm > width * SCALE_BAR_SHARE
        return
    assert bar.length_px == pytest.approx(bar.mm * px_per_mm)
    assert bar.length_px <= width * SCALE_BAR_SHARE


def test_sites_stand_inside_the_head_chart_and_apart() -> None:
    visit = FixtureStation().visit(CODE, 1)
    chart = headchart.head_chart(visit, 140.0)
    for site in chart.sites:
        assert site.radius < site.x < headchart.WIDTH - site.radius
        assert site.radius < site.y < headchart.HEIGHT - site.radius
    for i, a in enumerate(chart.sites):
        for b in chart.sites[i + 1 :]:
            assert (a.x - b.x) ** 2 + (a.y - b.y) ** 2 >= (2 * a.radius) ** 2, (a.name, b.name)


def test_the_head_charts_scale_is_the_same_for_all_visits() -> None:
    visits = FixtureStation().person(CODE).course.visits
    assert headchart.scale_max(visits) == headchart.scale_max(visits[:1]) == headchart.scale_max(()) == 140.0
    dense = replace(visits[0].sites[0], fu=estimate(141.0, 1.0, 1))
    assert headchart.scale_max((*visits, replace(visits[0], sites=(dense,)))) == 160.0


@pytest.mark.parametrize(
    ("source", "present", "absent"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;", "<script"),
        ("![x](http://elsewhere.example/x.png)", "x", "<img"),
        ("[x](javascript:alert(1))", "x", "href"),
        ("| a | b |\n|---|---:|\n| 1 | 2 |", '<td class="figure">2</td>', "style="),
        ("# Title", "<h3>Title</h3>", "<h1"),
    ],
)
def test_the_model_card_is_escaped(source: str, present: str, absent: str) -> None:
    html = markdown.render(source)
    assert present in html
    assert absent not in html


def test_a_misspelt_static_file_is_an_error() -> None:
    assets = Assets.of_folder(STATIC, "/static")
    with pytest.raises(KeyError):
        assets.url("css/token.css")
