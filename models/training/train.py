"""The training loop: weighted squared error of the heat maps and of the counts they integrate to."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from models.training.network import build
from models.training.pool import Pool
from models.training.samples import SIGMA_CELLS, batches

CROP = 256
BATCH = 12
MASS = tuple(2 * np.pi * sigma**2 for sigma in SIGMA_CELLS)


def loss_of(truth: tf.Tensor, heat: tf.Tensor) -> tf.Tensor:
    """Squared error, heavier where points and tips are, plus the squared relative error of each view's count.

    truth: (n, cells, cells, 3): units, roots, tips; heat: (n, cells, cells, 2).
    """
    truth, tips = truth[..., :2], tf.minimum(truth[..., 2:], 1.0)
    weight = 1.0 + tf.constant([4.0, 14.0]) * truth + tf.constant([2.0, 6.0]) * tips
    balance = tf.constant([1.0, 2.5])
    cells = tf.reduce_mean(weight * balance * tf.square(heat - truth))
    n_truth = tf.reduce_sum(truth, (1, 2)) / tf.constant(MASS, tf.float32)
    n_heat = tf.reduce_sum(heat, (1, 2)) / tf.constant(MASS, tf.float32)
    counts = tf.reduce_mean(tf.square((n_heat - n_truth) / (n_truth + 8.0)))
    return 100.0 * cells + counts


def ahead(source: Iterator[tuple[np.ndarray, np.ndarray]], depth: int = 6) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Let a thread prepare the next batches."""
    waiting: queue.Queue[tuple[np.ndarray, np.ndarray]] = queue.Queue(depth)

    def fill() -> None:
        for item in source:
            waiting.put(item)

    threading.Thread(target=fill, daemon=True).start()
    while True:
        yield waiting.get()


def train(pool: Pool, weights: Path, *, steps: int, seed: int, rate: float = 2e-3) -> keras.Model:
    """Train from scratch, or from `weights` if they are there, and store them at the end and every 200 steps."""
    keras.utils.set_random_seed(seed)
    model = build(CROP)
    if weights.exists():
        model.load_weights(weights)
    warm = min(200, steps // 10 + 1)
    schedule = keras.optimizers.schedules.CosineDecay(
        rate / 10, steps - warm, alpha=0.02, warmup_target=rate, warmup_steps=warm
    )
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=1e-4, clipnorm=1.0)
    optimizer.build(model.trainable_variables)

    @tf.function(reduce_retracing=True)
    def step(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = loss_of(y, model(x, training=True))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    source = ahead(batches(pool, BATCH, CROP, np.random.default_rng(seed)))
    recent: list[float] = []
    begun = time.monotonic()
    for number in range(1, steps + 1):
        recent.append(float(step(*next(source))))
        if number % 100 == 0 or number == steps:
            print(
                f"step {number}/{steps}  loss {np.mean(recent):.4f}  {(time.monotonic() - begun) / number:.2f} s/step",
                flush=True,
            )
            recent = []
        if number % 200 == 0 or number == steps:
            part = weights.with_name("part-" + weights.name)
            model.save_weights(part)
            part.replace(weights)
    return model
