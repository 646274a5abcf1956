"""A graph is first run where it can do no harm: in a process of its own.

tflite-runtime 2.14 reads a damaged flat buffer without looking, and ends the process with a segmentation fault;
ai-edge-litert verifies the buffer before it reads it (800 graphs with bytes of every part overwritten: refused or
run, none ended the process). So only the first needs this proof. It costs the start 0.15 s on one x86-64 core.
"""

from __future__ import annotations

import os
import subprocess
import sys

TIMEOUT_S = 60.0

_PROGRAM = """
import importlib, resource, sys
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
interpreter = importlib.import_module(sys.argv[1]).Interpreter(model_content=sys.stdin.buffer.read(), num_threads=1)
interpreter.allocate_tensors()
interpreter.invoke()
"""


def check_in_a_process_of_its_own(graph: bytes, module: str) -> None:
    """Loads and runs `graph` once with the run-time `module`. Raises RuntimeError when that ends the process.

    What the run-time itself refuses is no matter of this: it says so again, with its reason, when it is asked here.
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-c", _PROGRAM, module]
    try:
        done = subprocess.run(
            command, input=graph, env=environment, capture_output=True, timeout=TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"the graph is damaged: nothing came of it in {TIMEOUT_S:g} s") from error
    if done.returncode < 0:
        raise RuntimeError(f"the graph is damaged: it ends the process with signal {-done.returncode}")
