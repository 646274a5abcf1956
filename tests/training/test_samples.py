"""What the network learns from: views, their pool on disk, and heat maps that integrate to the count."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.training import pool as pools
from models.training.evaluate import Score
from models.training.pool import Pool, load_pool, render_shard
from models.training.samples import SIGMA_CELLS, STRIDE, batches, heat_map
from models.training.views import VIEW_PX, WORKING_PX_PER_MM, draw_view
from station.follicular import clusters


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Pool:
    folder = tmp_path_factory.mktemp("views")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pools, "SHARD", 4)
        paths = [render_shard(str(folder), first) for first in (0, 4)]
    assert not list(folder.glob("*.part"))
    return load_pool(paths)


@given(
    points=st.lists(st.tuples(st.floats(20, 236), st.floats(20, 236)), max_size=12),
    sigma=st.sampled_from(SIGMA_CELLS),
)
def test_a_heat_map_integrates_to_the_number_of_points(points: list[tuple[float, float]], sigma: float) -> None:
    heat = heat_map(np.array(points, np.float32).reshape(-1, 2), 128, sigma)
    assert heat.sum() / (2 * np.pi * sigma**2) == pytest.approx(len(points), abs=0.01 * max(1, len(points)))


def test_a_heat_map_peaks_in_the_cell_of_its_point() -> None:
    heat = heat_map(np.array([[41.0, 87.0]], np.float32), 128, 0.8)
    row, column = np.unravel_index(heat.argmax(), heat.shape)
    assert ((column + 0.5) * STRIDE, (row + 0.5) * STRIDE) == (41.0, 87.0)
    assert heat.max() == pytest.approx(1.0)


def test_a_seed_draws_the_same_view_again() -> None:
    first, second = draw_view(3), draw_view(3)
    assert np.array_equal(first.pixels, second.pixels)
    assert np.array_equal(first.hairs, second.hairs)
    assert not np.array_equal(first.pixels, draw_view(4).pixels)


def test_the_pool_gives_back_what_was_drawn(pool: Pool) -> None:
    assert len(pool) == 8
    for seed in (0, 5):
        view = draw_view(seed)
        assert np.array_equal(pool.pixels[seed], view.pixels)
        assert np.array_equal(pool.hairs[seed], view.hairs)
        assert np.array_equal(pool.tips[seed], view.tips)
        assert np.array_equal(pool.units[seed], view.units)
        assert pool.style[seed] == view.style
        assert pool.tone[seed] == view.tone
        assert pool.colour[seed] == view.colour


def test_a_shard_that_is_there_is_not_drawn_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "SHARD", 1)
    path = Path(render_shard(str(tmp_path), 7))
    before = path.stat().st_mtime_ns
    assert render_shard(str(tmp_path), 7) == str(path)
    assert path.stat().st_mtime_ns == before


def test_units_of_a_view_are_clusters_of_its_hairs(pool: Pool) -> None:
    """Away from the edge, and but for pairs at the very limit: a view's own scale is not exactly the working scale."""
    near = []
    for hairs, units in zip(pool.hairs, pool.units, strict=True):
        inner = np.all((units > 60) & (units < VIEW_PX - 60), axis=1)
        found = clusters(hairs.astype(float) / WORKING_PX_PER_MM)
        means = np.array([hairs[found == n].mean(axis=0) for n in np.unique(found)]).reshape(-1, 2)
        near += [np.hypot(*(means - unit).T).min() < 0.05 for unit in units[inner]]
    assert len(near) > 50
    assert np.mean(near) > 0.95


def test_turned_and_mirrored_batches_keep_view_and_maps_together(pool: Pool) -> None:
    """The darkest spot of the picture beside a root lies where the map has its root, in whatever way it was turned."""
    x, y = next(batches(pool, 8, 256, np.random.default_rng(0)))
    assert x.shape == (8, 256, 256, 3)
    assert y.shape == (8, 128, 128, 4)
    assert y[..., 3].min() == 1, "the truth of a rendered view is known everywhere"
    assert x.min() >= 0
    assert x.max() <= 1
    shading = []
    for view, maps in zip(x, y, strict=True):
        grey = view.mean(axis=2).reshape(128, 2, 128, 2).mean(axis=(1, 3))
        units = maps[..., 0] > 0.5
        if units.any() and (~units).any():
            shading.append(grey[units].mean() - grey[maps[..., 0] < 0.02].mean())
    assert np.median(shading) < -0.02


def test_error_and_bias_of_a_score() -> None:
    one = Score(truth=np.array([10.0, 20.0, 2.0]), found=np.array([11.0, 18.0, 9.0]), f1=1.0)
    assert one.error_percent(least=8) == pytest.approx(10.0)
    assert one.bias_percent() == pytest.approx(100 * (38 / 32 - 1))
