"""Designed grids of cases: every pair of settings occurs together in at least one case.

A full product of the settings below has about 300 000 cases; the faults that matter need one or two
settings to meet (a stride with a padding, a dilation with groups). So cases are picked greedily, for
the most pairs not seen yet, until all pairs are seen, and then on until there are `COUNT`.
"""

import importlib.util
import itertools
from functools import cache
from typing import Any, NamedTuple

import numpy as np

COUNT = 220
WITH_NUMBA = ["loops", "im2col", "tiles"]
BACKENDS = ["numpy", *(WITH_NUMBA if importlib.util.find_spec("numba") else [])]

CONV = {
    "T": (1, 2, 5, 0),
    "planes": (1, 2, 3),  # of each group
    "filters": (1, 2, 3),  # of each group
    "groups": (1, 2, 3, 4),
    "size": ((7, 8), (1, 9), (10, 3), (2, 5), (11, 13), (1, 1)),
    "kernel": ((1, 1), (3, 2), (2, 5), (4, 3), (1, 4), (5, 7)),
    "stride": (1, 2, (2, 1), (1, 3), (3, 2), (4, 5)),
    "padding": (0, 1, (2, 1), ((1, 0), (0, 3)), ((0, 2), (3, 1)), ((2, 3), (4, 1))),
    "dilation": (1, 2, (1, 2), (3, 1), (2, 3)),
    "bias": (True, False),
}
TRANSPOSED = CONV | {"output_padding": (0, 1, (1, 0), (0, 2), (2, 1))}
ROWS = CONV | {
    "size": (1, 2, 7, 11, 16),
    "kernel": (1, 2, 3, 5),
    "stride": (1, 2, 3, 5),
    "padding": (0, 1, 2, (0, 3), (2, 0), (4, 1)),
    "dilation": (1, 2, 3, 4),
}
POOL = {
    "T": (1, 2, 0),
    "M": (1, 3),
    "map": ((7, 8), (1, 9), (10, 3), (4, 6), (11, 13)),
    "size": (1, 2, 3, (2, 3), (1, 4), (5, 2)),
    "stride": (None, 1, 2, (2, 1), (1, 3), (4, 5)),
    "padding": (0, 1, (2, 1), ((1, 0), (0, 1)), ((0, 2), (1, 2))),
    "dilation": (1, 2, (1, 2), (3, 1)),
}

Case = dict[str, Any]


def pair(value: Any) -> tuple[int, int]:
    return value if isinstance(value, tuple) else (value, value)


def borders(padding: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    rows, columns = pair(padding)
    return pair(rows), pair(columns)


def reach(case: Case, kernel: str) -> tuple[int, ...]:
    """What a window spans, along each axis."""
    k, d = pair(case[kernel]), pair(case["dilation"])
    return tuple(D * (K - 1) + 1 for K, D in zip(k, d, strict=True))


def all_differ(case: Case) -> bool:
    """No two sizes of a case are equal, so that exchanging two of them cannot go unseen."""
    maps = [case["planes"] * case["groups"], case["filters"] * case["groups"], case["T"]]
    return len(set(maps)) == 3 and not set(maps[:2]) & set(pair(case["size"]))


def conv_fits(case: Case) -> bool:
    padded = [n + sum(b) for n, b in zip(case["size"], borders(case["padding"]), strict=True)]
    return all_differ(case) and all(
        n >= r for n, r in zip(padded, reach(case, "kernel"), strict=True)
    )


def row_fits(case: Case) -> bool:
    D, K = case["dilation"], case["kernel"]
    return all_differ(case) and case["size"] + sum(pair(case["padding"])) >= D * (K - 1) + 1


def transposed_fits(case: Case) -> bool:
    more, S, D = (pair(case[name]) for name in ("output_padding", "stride", "dilation"))
    sizes = zip(case["size"], S, reach(case, "kernel"), borders(case["padding"]), more, strict=True)
    return (
        all_differ(case)
        and all(m < max(s, d) for m, s, d in zip(more, S, D, strict=True))
        and all(s * (n - 1) + r - sum(b) + m >= 1 for n, s, r, b, m in sizes)
    )


def pool_fits(case: Case) -> bool:
    """Max pooling's rules, the strictest: padding at most half, no window wholly in it."""
    stride = pair(case["size"] if case["stride"] is None else case["stride"])
    for n, r, b, s, d in zip(
        case["map"], reach(case, "size"), borders(case["padding"]), stride, pair(case["dilation"]),
        strict=True,
    ):  # fmt: skip
        if max(b) > r // 2 or n + sum(b) < r:
            return False
        for start in range(-b[0], n + b[1] - r + 1, s):
            if not any(0 <= at < n for at in range(start, start + r, d)):
                return False
    return True


FITS = {"conv": conv_fits, "rows": row_fits, "transposed": transposed_fits, "pool": pool_fits}
SETTINGS = {"conv": CONV, "rows": ROWS, "transposed": TRANSPOSED, "pool": POOL}


def pairs_of(case: Case) -> set[tuple[str, Any, str, Any]]:
    return {(a, case[a], b, case[b]) for a, b in itertools.combinations(case, 2)}


@cache
def grid(kind: str) -> list[Case]:
    """At least COUNT cases of a kind; the same in each run."""
    rng = np.random.default_rng(5)
    settings, fits = SETTINGS[kind], FITS[kind]
    pool = []
    while len(pool) < 4000:
        case = {name: values[rng.integers(len(values))] for name, values in settings.items()}
        if fits(case):
            pool.append((case, pairs_of(case)))
    missing = set().union(
        *(pairs for _, pairs in pool)
    )  # pairs that no case can have are not in it
    chosen: list[Case] = []
    while missing or len(chosen) < COUNT:
        here = pool[len(chosen) * 15 % 3000 :][:200] if len(missing) > 100 else pool
        case, pairs = max(here, key=lambda candidate: len(candidate[1] & missing))
        if not pairs & missing:
            case, pairs = pool[len(chosen)]
        missing -= pairs
        chosen.append(case)
    return chosen


class Arrays(NamedTuple):
    y: Any
    w: Any
    b: Any


def arrays(case: Case, kind: str, seed: int = 0, dtype: Any = np.float64) -> Arrays:
    """Random y, w, b (b may be None) for a case of a convolution."""
    rng = np.random.default_rng(seed)
    groups = case["groups"]
    M, N = case["planes"] * groups, case["filters"] * groups
    size, kernel = case["size"], case["kernel"]
    if kind == "rows":
        size, kernel = (size,), (kernel,)
    filters = (M, case["filters"]) if kind == "transposed" else (N, case["planes"])
    y = rng.standard_normal((case["T"], M, *size)).astype(dtype)
    w = rng.standard_normal((*filters, *kernel)).astype(dtype)
    return Arrays(y, w, rng.standard_normal(N).astype(dtype) if case["bias"] else None)


def rest(case: Case, kind: str) -> dict[str, Any]:
    """The arguments after b, by name."""
    names = ["stride", "padding", "dilation", "groups"]
    return {name: case[name] for name in names + ["output_padding"] * (kind == "transposed")}


def name(case: Case) -> str:
    return "-".join(f"{key[0]}{value}".replace(" ", "") for key, value in case.items())
