"""Fair timing on a machine that others use too: the rivals call by call, in one run, on one core.

Import this before NumPy: it asks the libraries for one thread each, which they read when loaded.

A shared machine can be twice as slow a minute later. So rivals take turns, each round keeps each
one's fastest call, and the median over the rounds is what counts: only ratios are to be trusted.
What is counted is the processor's time for this process, so that a call during which another
process had the core is not a slow call; all rivals have one thread and wait for nothing.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable, Iterable

for library in ("OMP", "OPENBLAS", "MKL", "NUMBA"):
    os.environ[f"{library}_NUM_THREADS"] = "1"
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

import numpy as np
import torch

torch.set_num_threads(1)

Call = Callable[[], object]


def duel(rivals: dict[str, Call], rounds: int = 5, seconds: float = 0.1) -> dict[str, float]:
    """Seconds a call, of each: the median over rounds of the fastest call in a round.

    A round lasts `seconds` for each rival, or three turns if that takes longer.
    """
    for call in rivals.values():  # compile, allocate, warm up
        call()
        call()
    fastest: dict[str, list[float]] = {name: [] for name in rivals}
    for _ in range(rounds):
        best = dict.fromkeys(rivals, float("inf"))
        end, turns = time.perf_counter() + seconds * len(rivals), 0
        while time.perf_counter() < end or turns < 3:
            for name, call in rivals.items():
                start = time.process_time()
                call()
                best[name] = min(best[name], time.process_time() - start)
            turns += 1
        for name, value in best.items():
            fastest[name].append(value)
    return {name: statistics.median(values) for name, values in fastest.items()}


def peak(n: int = 1024) -> float:
    """Float operations a second of one core, in float32: the faster library's product of n x n."""
    a = np.random.default_rng(0).standard_normal((n, n)).astype(np.float32)
    b = torch.from_numpy(a)
    times = duel({"numpy": lambda: a @ a, "torch": lambda: b @ b}, rounds=3)
    return 2 * n**3 / min(times.values())


def geomean(ratios: Iterable[float]) -> float:
    return statistics.geometric_mean(ratios)


def arguments(description: str, backends: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", action="store_true", help="a JSON object as the last line")
    parser.add_argument("--batch", type=int, nargs="+", default=[32, 1], metavar="T")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--backend", nargs="+", default=backends, metavar="NAME")
    return parser.parse_args()


def summary(ratios: dict[tuple[str, int], list[float]]) -> str:
    """The JSON line: backend -> batch -> geometric mean and minimum of torch's time / ours."""
    table: dict[str, dict[str, dict[str, float]]] = {}
    for (backend, T), values in ratios.items():
        row = {"geomean": round(geomean(values), 3), "min": round(min(values), 3)}
        table.setdefault(backend, {})[f"batch{T}"] = row
    return json.dumps({"backend": table})


def machine() -> str:
    """What the figures depend on besides the processor."""
    import numba

    chosen = os.environ.get("OPENBLAS_CORETYPE")
    return (
        f"NumPy {np.__version__}, Numba {numba.__version__}, PyTorch {torch.__version__}; "
        f"one thread; OPENBLAS_CORETYPE {'is ' + chosen if chosen else 'is not set'}"
    )
