"""Both run-times count the same; what they cannot load is said in one sentence."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from station.density.engine import Backend, Engine, installed_backends
from station.density.measure import measure
from station.density.model import Counts, DensityModel
from station.density.selftest import golden_counts, self_test
from station.errors import ModelError
from station.world import Truth
from tests.density.pictures import standard_image


def test_faster_run_time_is_preferred(engine: Engine) -> None:
    assert engine.backend is installed_backends()[0]
    assert engine.backend is Backend.AI_EDGE_LITERT
    assert engine.name.startswith("ai-edge-litert 2.")


def test_name_holds_the_version(each_engine: Engine) -> None:
    package, version = each_engine.name.split(" ")
    assert package == each_engine.backend
    assert version[0].isdigit()


def test_golden_vectors_agree(each_engine: Engine) -> None:
    self_test(each_engine)


def test_golden_counts_that_differ_are_refused(engine: Engine, model: DensityModel) -> None:
    off = tuple(Counts(counts.fu, counts.hairs * 1.03) for counts in model.golden_counts)
    with pytest.raises(ModelError, match=r"hairs on the golden tiles where .* are known"):
        self_test(Engine(replace(model, golden_counts=off), engine.backend))


def test_run_times_count_the_same(model: DensityModel, scalps: list[tuple[NDArray[np.uint8], Truth, float]]) -> None:
    """Not the same bytes: a step of int8 here and there moves a point over the threshold, in either direction."""
    totals = []
    for backend in installed_backends():
        engine = Engine(model, backend)
        found = [measure(standard_image(pixels, scale), engine) for pixels, _, scale in scalps]
        totals.append((sum(one.fu_count for one in found), sum(one.hair_count for one in found)))
    for fu, hairs in totals[1:]:
        assert fu == pytest.approx(totals[0][0], rel=0.01)
        assert hairs == pytest.approx(totals[0][1], rel=0.01)


def test_heat_is_in_the_units_of_the_training_target(each_engine: Engine, model: DensityModel) -> None:
    heat = each_engine.run(model.golden_tiles[0])
    cells = model.tile // model.stride
    assert heat.shape == (cells, cells, 2)
    assert heat.dtype == np.float32
    assert -0.1 < heat.min() <= 0.1
    assert 0.5 < heat.max() < 4


def test_a_tile_gives_the_same_again(each_engine: Engine, model: DensityModel) -> None:
    first = each_engine.run(model.golden_tiles[0])
    each_engine.run(255 - model.golden_tiles[0])
    np.testing.assert_array_equal(each_engine.run(model.golden_tiles[0]), first)


def test_threads_may_share_an_engine(engine: Engine, model: DensityModel) -> None:
    tiles = model.golden_tiles
    alone = [engine.run(tile) for tile in tiles]
    together: dict[int, NDArray[np.float32]] = {}

    def work(index: int) -> None:
        for _ in range(5):
            together[index] = engine.run(tiles[index])

    threads = [threading.Thread(target=work, args=(index,)) for index in range(len(tiles))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for index, heat in enumerate(alone):
        np.testing.assert_array_equal(together[index], heat)


def test_graph_of_another_shape_is_refused(each_engine: Engine, variant: Callable[..., DensityModel]) -> None:
    with pytest.raises(ModelError, match=r"input is .* not one int8 tensor of shape \(1, 256, 256, 3\)"):
        Engine(variant(tile=256), each_engine.backend)
    with pytest.raises(ModelError, match=r"output is .* not one int8 tensor of shape \(1, 80, 80, 2\)"):
        Engine(variant(stride=4), each_engine.backend)


@pytest.mark.parametrize("graph", [b"", b"not a flat buffer at all"])
def test_bytes_that_are_no_graph_are_refused(each_engine: Engine, model: DensityModel, graph: bytes) -> None:
    other = replace(model, graph=graph, sha256=hashlib.sha256(graph).hexdigest())
    with pytest.raises(ModelError, match="No run-time for the density model") as caught:
        Engine(other, each_engine.backend)
    assert "\n" not in caught.value.operator


@pytest.mark.parametrize("damage", ["cut", "scattered"])
def test_a_damaged_graph_with_the_right_checksum_is_a_sentence_and_no_crash(
    each_engine: Engine, model: DensityModel, damage: str
) -> None:
    """Without a look beforehand tflite-runtime ends the whole process with a segmentation fault."""
    graph = bytearray(model.graph[: len(model.graph) // 2] if damage == "cut" else model.graph)
    if damage == "scattered":
        places = np.random.default_rng(3).integers(0, len(graph), 400)
        for place in places:
            graph[place] ^= 0xFF
    other = replace(model, graph=bytes(graph), sha256=hashlib.sha256(graph).hexdigest())
    with pytest.raises(ModelError, match=f"{each_engine.backend} cannot load it"):
        Engine(other, each_engine.backend)


def test_missing_run_time_is_named(model: DensityModel, monkeypatch: pytest.MonkeyPatch) -> None:
    for backend in Backend:
        monkeypatch.setitem(__import__("sys").modules, backend.module, None)
    with pytest.raises(ModelError, match=r"ai-edge-litert is not installed; tflite-runtime is not installed"):
        Engine(model)


def test_run_time_says_nothing_on_stderr(model: DensityModel, capfd: pytest.CaptureFixture[str]) -> None:
    Engine(model)
    assert capfd.readouterr().err == ""


def test_golden_counts_are_made_by_the_engine(engine: Engine, model: DensityModel) -> None:
    counted = golden_counts(engine, model.golden_tiles[:2])
    assert [type(counts) for counts in counted] == [Counts, Counts]
    assert all(counts.hairs >= counts.fu > 0 for counts in counted)
