"""The network: a small encoder and decoder that draws a heat map of follicular units and one of hair roots.

Fully convolutional, so that it is trained on small crops and exported for larger tiles. Only operations that both
TensorFlow Lite run-times execute in eight bits: convolutions, additions, bilinear enlargement.
"""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
from keras import layers

STRIDE = 2
CHANNELS = ("follicular units", "hair roots")


def _conv(x: keras.KerasTensor, filters: int, name: str, size: int = 3, strides: int = 1) -> keras.KerasTensor:
    x = layers.Conv2D(filters, size, strides=strides, padding="same", use_bias=False, name=f"{name}_conv")(x)
    x = layers.BatchNormalization(momentum=0.95, name=f"{name}_norm")(x)
    return layers.ReLU(6.0, name=f"{name}_relu")(x)


def _residual(x: keras.KerasTensor, name: str, squeeze: int = 2) -> keras.KerasTensor:
    """Bottleneck: a thin 3x3 convolution between two 1x1, added to its input."""
    filters = x.shape[-1]
    y = _conv(x, filters // squeeze, f"{name}_in", size=1)
    y = _conv(y, filters // squeeze, f"{name}_mid")
    y = layers.Conv2D(filters, 1, use_bias=False, name=f"{name}_out_conv")(y)
    y = layers.BatchNormalization(momentum=0.95, name=f"{name}_out_norm")(y)
    return layers.ReLU(6.0, name=f"{name}_relu")(layers.Add(name=f"{name}_add")([x, y]))


def build(side: int | None) -> keras.Model:
    """Model for views of side x side pixels (a multiple of 16): float RGB 0 to 1 in, heat maps at stride 2 out.

    side: None for views of any shape, which the caller then fixes.
    """
    image = keras.Input((side, side, 3), batch_size=None, name="image")
    half = _conv(image, 16, "stem", strides=2)
    half = _conv(half, 24, "half")
    quarter = _conv(half, 48, "quarter_down", strides=2)
    quarter = _residual(quarter, "quarter1")
    eighth = _conv(quarter, 96, "eighth_down", strides=2)
    eighth = _residual(eighth, "eighth1")
    eighth = _residual(eighth, "eighth2")
    deep = _conv(eighth, 128, "deep_down", strides=2)
    deep = _residual(deep, "deep1")
    deep = _residual(deep, "deep2")
    deep = _residual(deep, "deep3")

    def up(low: keras.KerasTensor, skip: keras.KerasTensor, name: str) -> keras.KerasTensor:
        low = layers.Conv2D(skip.shape[-1], 1, use_bias=True, name=f"{name}_fit")(low)
        low = layers.UpSampling2D(2, interpolation="bilinear", name=f"{name}_double")(low)
        return layers.ReLU(6.0, name=f"{name}_relu")(layers.Add(name=f"{name}_add")([low, skip]))

    x = _residual(up(deep, eighth, "up8"), "up8r")
    x = _residual(up(x, quarter, "up4"), "up4r")
    x = _residual(up(x, half, "up2"), "up2r")
    x = _conv(x, 24, "head")
    heat = layers.Conv2D(
        len(CHANNELS), 3, padding="same", bias_initializer=keras.initializers.Constant(0.02), name="heat"
    )(x)
    return keras.Model(image, layers.ReLU(name="heat_relu")(heat), name="density")


def save_weights(model: keras.Model, path: Path) -> None:
    """Keep the weights in half precision (1 MB), by layer and number."""
    arrays = {
        f"{layer.name}/{index}": array.astype(np.float16)
        for layer in model.layers
        for index, array in enumerate(layer.get_weights())
    }
    part = path.with_suffix(".part")
    with part.open("wb") as out:
        np.savez_compressed(out, **arrays)
    part.replace(path)


def load_weights(model: keras.Model, path: Path) -> None:
    """Set the weights of a model of the same network, of any side."""
    with np.load(path) as arrays:
        for layer in model.layers:
            count = len(layer.get_weights())
            layer.set_weights([arrays[f"{layer.name}/{index}"].astype(np.float32) for index in range(count)])
