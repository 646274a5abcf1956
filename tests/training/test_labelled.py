"""Labelled photographs become training views: the labels stay on the hairs, and nothing is learned where none are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from models.training.labelled import STORED_FACTOR, crop, load_labelled
from models.training.pool import Pool
from models.training.samples import batches
from models.training.views import WORKING_PX_PER_MM
from station.errors import UsageError

SCALE = 180.0
WIDTH, HEIGHT = 1280, 1024


def write_frames(folder: Path, count: int, **extra: Any) -> list[dict[str, Any]]:
    """Light pictures with a dark spot at each root, and their labels."""
    rng = np.random.default_rng(3)
    rows = []
    for number in range(count):
        picture = np.full((HEIGHT, WIDTH, 3), 210, np.uint8)
        roots = rng.uniform((60, 60), (WIDTH - 60, HEIGHT - 60), (25, 2))
        for root in roots:
            cv2.circle(picture, tuple(int(v) for v in root), 12, (40, 30, 30), -1)
        name = f"{number}.png"
        cv2.imwrite(str(folder / name), picture)
        hairs = [{"cls": "single", "root": root.tolist(), "tip": (root + 40).tolist()} for root in roots]
        rows.append({"image": name, "px_per_mm": SCALE, "hairs": hairs, **extra})
    write_labels(folder, rows)
    return rows


def write_labels(folder: Path, rows: list[dict[str, Any]]) -> None:
    (folder / "labels.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_every_fifth_frame_is_held_out(tmp_path: Path) -> None:
    write_frames(tmp_path, 10)
    trained, held_out = load_labelled(tmp_path)
    assert [frame.name for frame in held_out] == ["4.png", "9.png"]
    assert len(trained) == 8
    assert not {frame.name for frame in trained} & {frame.name for frame in held_out}


def test_frames_of_another_split_are_never_looked_at(tmp_path: Path) -> None:
    rows = write_frames(tmp_path, 6)
    rows.append({"image": "missing.png", "px_per_mm": SCALE, "hairs": [], "split": "val"})
    write_labels(tmp_path, rows)
    trained, held_out = load_labelled(tmp_path)
    assert len(trained) + len(held_out) == 6


def test_labels_stay_on_the_hairs_however_a_piece_is_turned_and_scaled(tmp_path: Path) -> None:
    write_frames(tmp_path, 5)
    frame = load_labelled(tmp_path)[0][0]
    assert frame.pixels.shape[1] == round(WIDTH * WORKING_PX_PER_MM * STORED_FACTOR / SCALE)
    rng = np.random.default_rng(0)
    dark, elsewhere = [], []
    for _ in range(12):
        pixels, (units, hairs, _), known = crop(frame, 256, rng)
        assert known.shape == (256, 256)
        assert len(units) <= len(hairs)
        inside = hairs[np.all((hairs > 4) & (hairs < 252), axis=1)].astype(int)
        at = np.array([(x, y) for x, y in inside if known[y, x]]).reshape(-1, 2)
        dark += pixels[at[:, 1], at[:, 0], 0].tolist()
        elsewhere.append(float(np.median(pixels[known > 0])))
    assert len(dark) > 40
    assert max(dark) < 120
    assert min(elsewhere) > 180


def test_nothing_is_known_at_edges_seams_overlays_and_ignored_places(tmp_path: Path) -> None:
    rows = write_frames(
        tmp_path, 5, ignore_rects=[[0, 800, 280, 1024]], seams={"x": 640, "y": 512}, measure_circle=True
    )
    picture = cv2.imread(str(tmp_path / rows[0]["image"]))
    cv2.line(picture, (100, 200), (500, 200), (30, 30, 220), 2)
    cv2.imwrite(str(tmp_path / rows[0]["image"]), picture)
    frame = load_labelled(tmp_path)[0][0]

    def known(x: int, y: int) -> bool:
        ratio = WORKING_PX_PER_MM * STORED_FACTOR / SCALE
        return bool(frame.known[int(y * ratio), int(x * ratio)])

    assert known(400, 300)
    assert not known(10, 300)
    assert not known(640, 300)
    assert not known(400, 512)
    assert not known(100, 900)
    assert not known(300, 200)


def test_what_is_unknown_does_not_count_in_a_batch(tmp_path: Path) -> None:
    write_frames(tmp_path, 5, seams={"x": 640, "y": 512})
    trained, _ = load_labelled(tmp_path)
    plain = Pool(
        np.full((4, 320, 320, 3), 200, np.uint8),
        *([[np.zeros((0, 2), np.float32)] * 4] * 3),
        ["rig"] * 4,
        [1] * 4,
        ["black"] * 4,
    )
    _, maps = next(batches(plain, 8, 256, np.random.default_rng(1), trained, 0.5))
    shares = maps[..., 3].mean(axis=(1, 2))
    assert np.all(shares[4:] == 1)
    assert np.all((shares[:4] > 0.1) & (shares[:4] < 0.95))
    assert maps[4:, ..., 1].max() == 0
    assert maps[:4, ..., 1].max() > 0.5


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "line 1 is not a label"),
        ('{"image": "0.png", "hairs": []}', "px_per_mm"),
        ('{"image": "0.png", "px_per_mm": 1e9, "hairs": []}', "out of range"),
        ('{"image": "nothing.png", "px_per_mm": 180, "hairs": []}', "nothing.png"),
        ("", "holds 0 frames"),
    ],
)
def test_labels_that_cannot_be_used_are_named(tmp_path: Path, text: str, words: str) -> None:
    write_frames(tmp_path, 1)
    (tmp_path / "labels.jsonl").write_text(text)
    with pytest.raises(UsageError, match=words):
        load_labelled(tmp_path)


def test_a_folder_without_labels_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"labels\.jsonl cannot be read"):
        load_labelled(tmp_path)
