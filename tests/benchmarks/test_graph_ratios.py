"""What the comparison of graphs rests on, with the shipped graph in every role."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks import graph_ratios
from benchmarks.density import NO_GRAPHS, compare_graphs
from benchmarks.graph_ratios import TILE_INT8, VIEW_INT8, Graph, at_once, shift, whole_against_tiles
from benchmarks.graphs import mosaics, whole_view_shape
from benchmarks.timing import least_ms
from station.density.engine import Backend, Engine
from station.density.model import DensityModel, load_model
from station.density.tiles import WorkingView
from station.errors import UsageError


@pytest.fixture(scope="module")
def model() -> DensityModel:
    return load_model()


def test_the_plain_interpreter_gives_what_the_engine_gives(model: DensityModel) -> None:
    graph = Graph(model.graph, Backend.AI_EDGE_LITERT)
    assert graph.shape == (model.tile, model.tile)
    expected = Engine(model, Backend.AI_EDGE_LITERT).run(model.golden_tiles[0])
    assert np.array_equal(graph.run(model.golden_tiles[0]), expected)


def test_one_tile_at_once_and_in_tiles_counts_the_same(model: DensityModel, tmp_path: Path) -> None:
    for name in (TILE_INT8, VIEW_INT8):
        (tmp_path / name).write_bytes(model.graph)
    view = WorkingView(model.golden_tiles[2], model.working_px_per_mm, model.working_px_per_mm)
    rows = whole_against_tiles(tmp_path, view, model, Backend.AI_EDGE_LITERT, 1)
    counts = rows["counts (FU, hairs)"]
    assert isinstance(counts, dict)
    assert counts["tiles"] == counts["whole view"]
    assert counts["tiles"][0] == pytest.approx(model.golden_counts[2].fu, abs=2)


def test_a_view_that_no_graph_holds_and_files_that_are_missing_are_refused(model: DensityModel, tmp_path: Path) -> None:
    graph = Graph(model.graph, Backend.AI_EDGE_LITERT)
    wide = WorkingView(np.zeros((64, model.tile + 2, 3), np.uint8), 45.0, 45.0)
    with pytest.raises(UsageError, match="322x64 px"):
        at_once(wide, graph, model)
    with pytest.raises(UsageError, match=r"benchmarks/graphs\.py"):
        graph_ratios.read_graph(tmp_path, TILE_INT8)
    (tmp_path / "views-0000000.npz").touch()  # views of the training do not count
    with pytest.raises(UsageError, match=r"benchmarks/graphs\.py"):
        graph_ratios.rendered_views(tmp_path)


def test_shift_is_of_all_together_and_per_view_and_passes_over_sparse_views() -> None:
    moved = shift(np.array([101.0, 49.0, 4.0]), np.array([100.0, 50.0, 2.0]))
    assert moved == {"of all views together": 1.32, "mean": -0.5, "mean of the sizes": 1.5}


def test_mosaics_fill_the_whole_view_with_training_views() -> None:
    height, width = whole_view_shape()
    assert (height, width) == (1024, 1360)
    views = np.arange(41, dtype=np.uint8)[:, None, None, None] * np.ones((1, 320, 320, 3), np.uint8)
    first, second = mosaics(views, (height, width))
    assert first.shape == (height, width, 3)
    assert (first[0, 0, 0], first[0, 320, 0], first[320, 0, 0], first[-1, -1, 0]) == (0, 1, 5, 19)
    assert second[0, 0, 0] == 20


def test_without_graphs_their_rows_say_so() -> None:
    rows = compare_graphs(Path("none.jpg"), 135.0, 1, None)
    assert set(rows.values()) == {NO_GRAPHS}


def test_works_take_turns() -> None:
    calls: list[str] = []
    least = least_ms({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, 2)
    assert calls == ["a", "b", "a", "b", "a", "b"]
    assert set(least) == {"a", "b"}
