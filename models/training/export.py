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

from models.training.network import STRIDE, build, load_weights
from models.training.samples import SIGMA_CELLS
from models.training.views import VIEW_PX, WORKING_PX_PER_MM
from station.density.model import CARD_SUFFIX, GOLDEN_FILE, GRAPH_SUFFIX

TILE = VIEW_PX
CONTEXT = 64
REPRESENTATIVE = 120


def to_int8(weights: Path, views: NDArray[np.uint8], shape: tuple[int, int] = (TILE, TILE)) -> bytes:
    """Full int8 conversion of the network for views of shape (height, width), multiples of 16: a tile of the station.

    views: (n, height, width, 3), which the ranges of the activations are taken from.
    """

    def representative() -> Iterator[list[NDArray[np.float32]]]:
        # The ramp pins the input's range to 0 .. 1, so that preprocessing is uint8 - 128.
        ramp = np.linspace(0, 1, shape[0] * shape[1] * 3, dtype=np.float32).reshape(1, *shape, 3)
        yield [ramp]
        for view in views:
            yield [view[None].astype(np.float32) / 255]

    converter = tf.lite.TFLiteConverter.from_keras_model(_fixed(weights, shape))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = representative
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    graph: bytes = converter.convert()
    return graph


def to_float32(weights: Path, side: int = TILE) -> bytes:
    """The network in float32 for tiles of side x side pixels, 0 to 1: what int8 is measured against, never shipped."""
    graph: bytes = tf.lite.TFLiteConverter.from_keras_model(_fixed(weights, (side, side))).convert()
    return graph


def _fixed(weights: Path, shape: tuple[int, int]) -> keras.Model:
    """The network with a static batch of one; converting from the Keras model folds the normalisations."""
    height, width = shape
    trained = build(height if height == width else None)
    load_weights(trained, weights)
    image = keras.Input((height, width, 3), batch_size=1)
    return keras.Model(image, trained(image))


def write_model(folder: Path, graph: bytes, card: dict[str, Any], golden: NDArray[np.uint8]) -> None:
    """Write the graph and its description under the model's name, and the golden tiles."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / (card["name"] + GRAPH_SUFFIX)).write_bytes(graph)
    np.savez_compressed(folder / GOLDEN_FILE, tiles=golden)
    (folder / (card["name"] + CARD_SUFFIX)).write_text(json.dumps(card, indent=1) + "\n")


def first_card(name: str, graph: bytes, version: str, golden: int) -> dict[str, Any]:
    """The card before thresholds and intervals are known from the hold-out."""
    plain = {"bias": 0.0, "a": 0.1, "b": 1.0, "c": 0.0}
    return {
        "name": name,
        "version": version,
        "sha256": hashlib.sha256(graph).hexdigest(),
        "working_px_per_mm": WORKING_PX_PER_MM,
        "tile": TILE,
        "context": CONTEXT,
        "stride": STRIDE,
        "sigma_cells": {"fu": SIGMA_CELLS[0], "hair": SIGMA_CELLS[1]},
        "threshold": 0.4,
        "nms_radius_mm": 0.04,
        "interval": {
            "level": 0.9,
            "groups": [{"hair": "any", "max_coverage": 1.0, "min_px_per_mm": 0.0, "fu": plain, "hairs": plain}],
        },
        "golden": [{"fu": 0, "hairs": 0}] * golden,
    }
