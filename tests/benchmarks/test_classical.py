"""The classical pipeline: pieces of a skeleton, shafts in one line, and which end is the root."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np

from benchmarks.classical import Parameters, count, joined, roots, segments
from station.imaging import encode_png

WITHOUT_SCIKIT_IMAGE = """
import runpy, sys
sys.modules["skimage"] = sys.modules["skimage.filters"] = None
runpy.run_module("benchmarks.classical", run_name="__main__", alter_sys=True)
"""
SKIN, SHAFT, STREAK = (205, 170, 150), (45, 38, 35), (120, 130, 150)


def as_set(pieces: np.ndarray) -> set[frozenset[tuple[float, float]]]:
    return {frozenset(map(tuple, piece.tolist())) for piece in pieces}


def test_a_line_is_one_piece_with_its_two_ends() -> None:
    skeleton = np.zeros((20, 20), bool)
    skeleton[4, 3:12] = True
    assert as_set(segments(skeleton)) == {frozenset({(3.5, 4.5), (11.5, 4.5)})}


def test_a_crossing_is_cut_and_goes_on_in_straight_lines() -> None:
    skeleton = np.zeros((31, 31), bool)
    skeleton[15, 3:28] = True
    skeleton[3:28, 15] = True
    pieces = segments(skeleton)
    assert len(pieces) == 4
    whole = joined(pieces, 6.0, np.radians(25))
    assert as_set(whole) == {frozenset({(3.5, 15.5), (27.5, 15.5)}), frozenset({(15.5, 3.5), (15.5, 27.5)})}


def test_pieces_are_joined_in_chains_but_not_round_a_corner_or_over_a_gap() -> None:
    chain = [[(0, 0), (10, 0)], [(22, 0), (12, 0)], [(24, 0), (30, 0)]]
    corner = [[(32, 2), (32, 20)]]
    far = [[(50, 0), (60, 0)]]
    whole = joined(np.array(chain + corner + far, float), 4.0, np.radians(25))
    assert as_set(whole) == as_set(np.array([[(0, 0), (30, 0)], *corner, *far], float))
    assert joined(np.zeros((0, 2, 2)), 4.0, 0.4).shape == (0, 2, 2)


def test_the_root_is_the_end_that_goes_on_bluish_and_a_frame_leans_one_way() -> None:
    parameters = Parameters(px_per_mm=50.0, vote=False)
    pixels = np.full((200, 200, 3), SKIN, np.uint8)
    pieces = np.array([[(40, 60), (40, 90)], [(100, 90), (100, 60)], [(160, 60), (160, 90)]], float)
    for x in (40, 100):
        cv2.line(pixels, (x, 48), (x, 58), STREAK, 5)
    cv2.line(pixels, (160, 92), (160, 98), (190, 168, 155), 3)  # a faint mark at the wrong end
    assert roots(pieces, pixels, parameters).tolist() == [[40, 60], [100, 60], [160, 90]]
    voted = roots(pieces, pixels, Parameters(px_per_mm=50.0, vote=True))
    assert voted.tolist() == [[40, 60], [100, 60], [160, 60]]


def test_drawn_shafts_are_counted_with_their_units() -> None:
    scale = 100.0
    pixels = np.full((600, 800, 3), SKIN, np.uint8)
    truth = [(150, 150), (170, 150), (400, 150), (650, 400), (200, 400)]
    for x, y in truth:
        cv2.line(pixels, (x, y - 18), (x, y - 4), STREAK, 9)
        cv2.line(pixels, (x, y), (x, y + 45), SHAFT, 7)
    found = count(cv2.GaussianBlur(pixels, (0, 0), 1.5), scale, Parameters())
    assert len(found.hairs) == len(truth)
    assert len(found.units) == len(truth) - 1
    for point in np.array(truth) / scale:
        # The ridge goes on a little into the streak; the other end is 0.45 mm away.
        assert np.linalg.norm(found.hairs - point, axis=1).min() < 0.2


def test_without_scikit_image_one_sentence_says_how_to_get_it(root: Path, tmp_path: Path) -> None:
    (tmp_path / "frame.png").write_bytes(encode_png(np.full((200, 200, 3), SKIN, np.uint8)))
    points = tmp_path / "points.jsonl"
    arguments = [str(tmp_path), "--px-per-mm", "181.4", "--points", str(points)]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_SCIKIT_IMAGE, *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1
    assert "pip install" in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert not points.exists()


def test_a_folder_becomes_lines_of_points(root: Path, tmp_path: Path) -> None:
    (tmp_path / "plain.png").write_bytes(encode_png(np.full((300, 300, 3), SKIN, np.uint8)))
    points = tmp_path / "points.jsonl"
    command = [sys.executable, "-m", "benchmarks.classical", str(tmp_path), "--px-per-mm", "100"]
    subprocess.run([*command, "--points", str(points)], cwd=root, check=True, timeout=120)
    (row,) = map(json.loads, points.read_text("utf-8").splitlines())
    assert (Path(row["image"]).name, row["hairs"], row["follicular_units"]) == ("plain.png", [], [])
