"""Pictures shared out to threads: the loops hold no lock, so that Python's own threads will do.

As many as Numba would use: `numba.set_num_threads`, else `NUMBA_NUM_THREADS`, else one a core. The
answer does not depend on their number: forward and backward_y work picture by picture, and
backward_w's sums are cut and added up in the same way for any number of threads.
"""

import itertools
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, reduce
from typing import Any

import numba  # type: ignore[import-untyped, unused-ignore]

from solutions.arguments import Array

ENOUGH = 1 << 21  # multiplications from which on another thread is worth waking, about 20 us
PARTS = 4  # into which backward_w's sum is cut
PICTURES = 8  # at least so many a part


_numba: Any = numba


def threads() -> int:
    """How many may work; without starting Numba's own, which asking it would do."""
    parallel = sys.modules.get("numba.np.ufunc.parallel")
    if getattr(parallel, "_is_initialized", False):  # as `set_num_threads` leaves it
        return int(_numba.get_num_threads())
    return int(_numba.config.NUMBA_NUM_THREADS)


@cache
def _pool(process: int) -> ThreadPoolExecutor:
    """One pool for a process; a forked child has none of its parent's threads, and makes its own."""
    return ThreadPoolExecutor(int(_numba.config.NUMBA_NUM_THREADS), "tiles")


def _cuts(count: int, parts: int) -> list[tuple[int, int]]:
    edges = [count * k // parts for k in range(parts + 1)]
    return list(itertools.pairwise(edges))


def shared(work: Callable[[int, int], None], pictures: int, cost: int) -> None:
    """work(first, after) for all pictures; one of them costs `cost` multiplications."""
    parts = max(1, min(threads(), pictures, pictures * cost // ENOUGH))
    if parts == 1:
        work(0, pictures)
    else:
        list(_pool(os.getpid()).map(lambda cut: work(*cut), _cuts(pictures, parts)))


def added_up(work: Callable[[int, int], Array], pictures: int, cost: int) -> Array:
    """The sum of work(first, after) over all pictures, always cut and added in the same way."""
    cuts = _cuts(pictures, max(1, min(PARTS, pictures // PICTURES)))
    if threads() == 1 or len(cuts) == 1 or pictures * cost < 2 * ENOUGH:
        parts = [work(*cut) for cut in cuts]
    else:
        parts = list(_pool(os.getpid()).map(lambda cut: work(*cut), cuts))
    return reduce(lambda total, part: total.__iadd__(part), parts)
