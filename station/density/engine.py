"""The int8 graph run by ai-edge-litert or tflite-runtime: one class, two back ends, the faster one preferred."""

from __future__ import annotations

import contextlib
import enum
import importlib
import importlib.metadata
import importlib.util
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from station.density.model import ADVICE, DensityModel
from station.density.proof import check_in_a_process_of_its_own
from station.errors import ModelError

INPUT_ZERO_POINT = 128
"""The graph takes int8 with scale 1/255 and zero point -128: a pixel's uint8 value less 128."""

RUNTIME_CHATTER = b"INFO: "
"""How lines begin that the run-times write to stderr themselves ("Created TensorFlow Lite XNNPACK delegate")."""


class Backend(enum.StrEnum):
    """The run-times, by the name of their package, the faster one first.

    tflite-runtime 2.14 does not hand int8 graphs to XNNPACK: it is about ten times slower (benchmarks/density.py).
    """

    AI_EDGE_LITERT = "ai-edge-litert"
    TFLITE_RUNTIME = "tflite-runtime"

    @property
    def module(self) -> str:
        return f"{self.value.replace('-', '_')}.interpreter"


class Engine:
    """A loaded graph. May be shared by threads: one tile is run at a time.

    name: run-time and version, for a measurement's provenance; model: what is run.
    """

    def __init__(self, model: DensityModel, backend: Backend | None = None, *, threads: int = 2) -> None:
        """Load `model` in `backend`, or in the first of `Backend` that works.

        Raises ModelError when no run-time works or the graph is not the one its description promises.
        """
        self.model = model
        self.backend, self._interpreter = _interpreter(model, backend, threads)
        self.name = f"{self.backend} {importlib.metadata.version(self.backend.value)}"
        self._lock = threading.Lock()
        cells = model.tile // model.stride
        self._input, _, _ = _tensor(self._interpreter.get_input_details(), "input", (1, model.tile, model.tile, 3))
        self._output, self._scale, self._zero = _tensor(
            self._interpreter.get_output_details(), "output", (1, cells, cells, 2)
        )

    def run(self, tile: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Heat maps of one tile: (tile, tile, 3) uint8 RGB at the working scale to (cells, cells, 2) float32.

        Channel 0 is follicular units, channel 1 hair roots; both are sums of Gaussians of height 1.
        """
        quantised = (tile ^ np.uint8(INPUT_ZERO_POINT)).view(np.int8)[np.newaxis]  # flipping the top bit is - 128
        with self._lock:
            self._interpreter.set_tensor(self._input, quantised)
            self._interpreter.invoke()
            heat = self._interpreter.get_tensor(self._output)
        dequantised: NDArray[np.float32] = (heat[0].astype(np.float32) - self._zero) * self._scale
        return dequantised


def installed_backends() -> tuple[Backend, ...]:
    """The run-times whose package is installed, the faster one first."""
    return tuple(backend for backend in Backend if importlib.util.find_spec(backend.value.replace("-", "_")))


def _interpreter(model: DensityModel, backend: Backend | None, threads: int) -> tuple[Backend, Any]:
    failures = []
    for candidate in Backend if backend is None else (backend,):
        try:
            with _without_chatter():
                module = importlib.import_module(candidate.module)
                if candidate is Backend.TFLITE_RUNTIME:  # which takes damaged graphs for whole ones
                    check_in_a_process_of_its_own(model.graph, candidate.module)
                interpreter = module.Interpreter(model_content=model.graph, num_threads=threads)
                interpreter.allocate_tensors()
        except ModuleNotFoundError:
            failures.append(f"{candidate} is not installed")
        # tflite-runtime beside numpy 2 fails with SystemError or ImportError, and only when a graph is loaded.
        except (ImportError, SystemError, RuntimeError, ValueError, OSError) as error:
            failures.append(f"{candidate} cannot load it ({' '.join(str(error).split())[:200] or error!r})")
        else:
            return candidate, interpreter
    raise ModelError(f"No run-time for the density model {model.label}: {'; '.join(failures)}: {ADVICE}.")


def _tensor(details: list[dict[str, Any]], which: str, shape: tuple[int, ...]) -> tuple[int, float, int]:
    """Index, scale and zero point of the graph's only input or output, which must be int8 of `shape`."""
    found = [(tuple(int(n) for n in tensor["shape"]), np.dtype(tensor["dtype"]).name) for tensor in details]
    if found != [(shape, "int8")]:
        raise ModelError(f"The density model's {which} is {found}, not one int8 tensor of shape {shape}: {ADVICE}.")
    scale, zero_point = details[0]["quantization"]
    if which == "input" and (abs(scale * 255 - 1) > 1e-3 or zero_point != -INPUT_ZERO_POINT):
        raise ModelError(
            f"The density model's input has scale {scale:g} and zero point {zero_point}, not 1/255 and -128: {ADVICE}."
        )
    if not scale > 0:
        raise ModelError(f"The density model's {which} is not quantised per tensor: {ADVICE}.")
    return int(details[0]["index"]), float(scale), int(zero_point)


@contextlib.contextmanager
def _without_chatter() -> Iterator[None]:
    """Keep the run-times' own INFO lines off stderr; anything else written meanwhile is passed on afterwards.

    They are written in C++ to file descriptor 2 and know no switch.
    """
    sys.stderr.flush()
    with tempfile.TemporaryFile() as caught:
        stderr = os.dup(2)
        os.dup2(caught.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            caught.seek(0)
            for line in caught.readlines():
                if not line.startswith(RUNTIME_CHATTER):
                    os.write(2, line)
            os.close(stderr)
