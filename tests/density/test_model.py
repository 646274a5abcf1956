"""Every defect of the model's files becomes one sentence that says what to do."""

from __future__ import annotations

import importlib.resources
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from station.density.model import (
    GOLDEN_FILE,
    MODELS,
    DensityModel,
    IntervalGroup,
    IntervalModel,
    card_text,
    load_model,
)
from station.errors import ModelError

GRAPH_FILE, CARD_FILE = "density.tflite", "density.json"
GROUPS = (("clipped", 0.1, 40.0), ("short", 0.3, 40.0), ("any", 1.0, 0.0))

Edit = Callable[[dict[str, Any]], object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped model's three files."""
    for name in (GRAPH_FILE, CARD_FILE, GOLDEN_FILE):
        (tmp_path / name).write_bytes(importlib.resources.files("models").joinpath(name).read_bytes())
    return tmp_path


def refusal(folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        load_model(folder=folder)
    assert "\n" not in caught.value.operator
    assert caught.value.exit_code == 1
    assert "install the station again" in caught.value.operator
    return caught.value.operator


def test_shipped_model_is_whole(model: DensityModel) -> None:
    assert model.label == f"{model.name} {model.version}"
    assert model.golden_tiles.shape == (len(model.golden_counts), model.tile, model.tile, 3)
    assert sum(counts.hairs for counts in model.golden_counts) >= 100
    assert model.level == 0.9


@pytest.mark.parametrize("name", MODELS)
def test_both_models_are_shipped_each_with_its_card(name: str) -> None:
    shipped = load_model(name)
    assert shipped.name == name
    assert card_text(name).startswith(f"# Model card: {name} ")
    assert shipped.sha256 in card_text(name)


@pytest.mark.parametrize(
    ("coverage", "px_per_mm", "group"), [(0.05, 135, 0), (0.2, 135, 1), (0.05, 20, 2), (0.9, 135, 2), (1.0, 15, 2)]
)
def test_a_photograph_takes_the_interval_of_the_first_group_it_fits(
    model: DensityModel, coverage: float, px_per_mm: float, group: int
) -> None:
    one = IntervalModel(0.0, 0.1, 1.0)
    groups = tuple(IntervalGroup(word, most, least, one, one) for word, most, least in GROUPS)
    assert replace(model, intervals=groups).interval_group(coverage, px_per_mm) is groups[group]


def test_a_copy_loads_like_the_original(folder: Path, model: DensityModel) -> None:
    assert load_model(folder=folder).sha256 == model.sha256


@pytest.mark.parametrize("name", [GRAPH_FILE, CARD_FILE, GOLDEN_FILE])
def test_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert f"{name} is missing" in refusal(folder)


@pytest.mark.parametrize("name", [GRAPH_FILE, CARD_FILE, GOLDEN_FILE])
def test_unreadable_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    (folder / name).mkdir()
    assert f"{name} cannot be read" in refusal(folder)


@pytest.mark.parametrize("damage", ["flipped", "cut", "empty"])
def test_damaged_graph_never_reaches_a_run_time(folder: Path, damage: str) -> None:
    data = bytearray((folder / GRAPH_FILE).read_bytes())
    if damage == "flipped":
        data[len(data) // 2] ^= 0xFF
    (folder / GRAPH_FILE).write_bytes({"flipped": data, "cut": data[: len(data) // 2], "empty": b""}[damage])
    assert "is damaged" in refusal(folder)


@pytest.mark.parametrize("text", [b"{", b"[]", b"\xff\xfe", b""])
def test_unusable_card_is_refused(folder: Path, text: bytes) -> None:
    (folder / CARD_FILE).write_bytes(text)
    assert CARD_FILE in refusal(folder)


@pytest.mark.parametrize(
    "key", ["name", "version", "sha256", "working_px_per_mm", "tile", "context", "stride", "golden"]
)
def test_missing_entry_is_named(folder: Path, key: str) -> None:
    edit_card(folder, lambda card: card.pop(key))
    assert f"`{key}`" in refusal(folder)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("working_px_per_mm", "45"),
        ("working_px_per_mm", float("nan")),
        ("working_px_per_mm", True),
        ("tile", 320.5),
        ("tile", -320),
        ("name", 7),
        ("threshold", 0),
        ("threshold", []),
        ("nms_radius_mm", -1),
        ("version", None),
        ("interval.level", 0.95),
        ("interval.groups", []),
        ("golden", []),
        ("golden", [1, 2]),
    ],
)
def test_odd_entry_is_named_with_its_place(folder: Path, path: str, value: object) -> None:
    *parents, key = path.split(".")

    def put(card: dict[str, Any]) -> None:
        for parent in parents:
            card = card[parent]
        card[key] = value

    edit_card(folder, put)
    assert f"`{path}`" in refusal(folder)


def test_odd_entry_of_an_interval_is_named(folder: Path) -> None:
    edit_card(folder, lambda card: card["interval"]["groups"][0]["fu"].update(b="wide"))
    assert "`interval.groups[0].fu.b`" in refusal(folder)


@pytest.mark.parametrize("changes", [{"context": 200}, {"stride": 3}, {"context": 33}])
def test_geometry_that_does_not_fit_is_refused(folder: Path, changes: dict[str, int]) -> None:
    edit_card(folder, lambda card: card.update(changes))
    assert "do not fit together" in refusal(folder)


def test_golden_tiles_of_another_shape_are_refused(folder: Path) -> None:
    np.savez(folder / GOLDEN_FILE, tiles=np.zeros((1, 64, 64, 3), np.uint8))
    assert "does not fit" in refusal(folder)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04nonsense", b"\x93NUMPY\x01\x00"])
def test_damaged_golden_tiles_are_refused(folder: Path, data: bytes) -> None:
    (folder / GOLDEN_FILE).write_bytes(data)
    assert f"{GOLDEN_FILE} is damaged" in refusal(folder)


def test_golden_tiles_without_their_entry_are_refused(folder: Path) -> None:
    np.savez(folder / GOLDEN_FILE, other=np.zeros(3))
    assert f"{GOLDEN_FILE} is damaged" in refusal(folder)


def test_missing_package_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "models", None)
    with pytest.raises(ModelError, match="not installed"):
        load_model()


def edit_card(folder: Path, edit: Edit) -> None:
    card = json.loads((folder / CARD_FILE).read_text())
    edit(card)
    (folder / CARD_FILE).write_text(json.dumps(card))
