"""From trained weights to what the station ships: the int8 graph, its card in JSON, and golden tiles."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models.training.network import STRIDE, build
from models.training.samples import SIGMA_CELLS
from models.training.views import VIEW_PX, WORKING_PX_PER_MM

TILE = VIEW_PX
CONTEXT = 64
REPRESENTATIVE = 120


def to_int8(weights: Path, views: NDArray[np.uint8]) -> bytes:
    """Full int8 conversion of the network for tiles of `TILE` pixels, calibrated on views (n, TILE, TILE, 3)."""
    trained = build(TILE)
    trained.load_weights(weights)
    # A static batch of one; converting from the Keras model folds the normalisations.
    image = keras.Input((TILE, TILE, 3), batch_size=1)
    fixed = keras.Model(image, trained(image))

    def representative() -> Iterator[list[NDArray[np.float32]]]:
        # The ramp pins the input's range to 0 .. 1, so that preprocessing is uint8 - 128.
        ramp = np.linspace(0, 1, TILE * TILE * 3, dtype=np.float32).reshape(1, TILE, TILE, 3)
        yield [ramp]
        for view in views:
            yield [view[None].astype(np.float32) / 255]

    converter = tf.lite.TFLiteConverter.from_keras_model(fixed)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = representative
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    graph: bytes = converter.convert()
    return graph


def write_model(folder: Path, graph: bytes, card: dict[str, Any], golden: NDArray[np.uint8]) -> None:
    """Write density.tflite, density.json and golden.npz."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "density.tflite").write_bytes(graph)
    np.savez_compressed(folder / "golden.npz", tiles=golden)
    (folder / "density.json").write_text(json.dumps(card, indent=1) + "\n")


def first_card(graph: bytes, version: str, golden: int) -> dict[str, Any]:
    """The card before thresholds and intervals are known from the hold-out."""
    plain = {"bias": 0.0, "a": 0.1, "b": 1.0}
    return {
        "name": "density-synthetic",
        "version": version,
        "sha256": hashlib.sha256(graph).hexdigest(),
        "working_px_per_mm": WORKING_PX_PER_MM,
        "tile": TILE,
        "context": CONTEXT,
        "stride": STRIDE,
        "sigma_cells": {"fu": SIGMA_CELLS[0], "hair": SIGMA_CELLS[1]},
        "threshold": 0.4,
        "nms_radius_mm": 0.04,
        "interval": {"level": 0.9, "fu": plain, "hairs": plain},
        "golden": [{"fu": 0, "hairs": 0}] * golden,
    }
