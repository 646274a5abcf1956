"""The training loop: weighted squared error of the heat maps and of the counts they integrate to."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from models.training.labelled import LabelledFrame
from models.training.network import build, load_weights
from models.training.pool import Pool
from models.training.samples import SIGMA_CELLS, batches

CROP = 256
BATCH = 12
CHECKPOINT_STEPS = 200
MASS = tuple(2 * np.pi * sigma**2 for sigma in SIGMA_CELLS)


def loss_of(truth: tf.Tensor, heat: tf.Tensor) -> tf.Tensor:
    """Squared error, heavier where points and tips are, plus the squared relative error of each view's count.

    truth: (n, cells, cells, 4): units, roots, tips, known; heat: (n, cells, cells, 2). Only where the truth is known
    does anything count.
    """
    known, tips = truth[..., 3:], tf.minimum(truth[..., 2:3], 1.0)
    truth, heat = truth[..., :2] * known, heat * known
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


def train(
    pool: Pool,
    checkpoints: Path,
    *,
    steps: int,
    seed: int,
    rate: float,
    start: Path | None = None,
    labelled: Sequence[LabelledFrame] = (),
) -> keras.Model:
    """Train from scratch or from the weights in `start`, and go on where an earlier run was ended.

    checkpoints: folder in which the state is kept every `CHECKPOINT_STEPS` steps; labelled: frames that fill half of
    each batch.
    """
    keras.utils.set_random_seed(seed)
    model = build(CROP)
    if start is not None:
        load_weights(model, start)
    warm = min(200, steps // 10 + 1)
    schedule = keras.optimizers.schedules.CosineDecay(
        rate / 10, steps - warm, alpha=0.02, warmup_target=rate, warmup_steps=warm
    )
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=1e-4, clipnorm=1.0)
    optimizer.build(model.trainable_variables)
    done = tf.Variable(0, trainable=False, dtype=tf.int64)
    state = tf.train.Checkpoint(model=model, optimizer=optimizer, done=done)
    keeper = tf.train.CheckpointManager(state, str(checkpoints), max_to_keep=2)
    state.restore(keeper.latest_checkpoint)
    first = int(done.numpy())
    if first:
        print(f"going on after step {first}", flush=True)

    @tf.function(reduce_retracing=True)
    def step(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = loss_of(y, model(x, training=True))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    source = ahead(batches(pool, BATCH, CROP, np.random.default_rng((seed, first)), labelled))
    recent: list[float] = []
    begun = time.monotonic()
    for number in range(first + 1, steps + 1):
        recent.append(float(step(*next(source))))
        if number % 100 == 0 or number == steps:
            pace = (time.monotonic() - begun) / (number - first)
            left = (steps - number) * pace / 60
            print(
                f"step {number}/{steps}  loss {np.mean(recent):.4f}  {pace:.2f} s/step  {left:.0f} min left", flush=True
            )
            recent = []
        if number % CHECKPOINT_STEPS == 0 or number == steps:
            done.assign(number)
            keeper.save()
    return model
