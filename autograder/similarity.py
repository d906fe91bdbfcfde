"""Near-identical submissions: groups to look at, never a verdict.

The comparison is copydetect's (winnowed fingerprints of tokens, the method behind MOSS): renamed
variables, comments and layout don't matter. Docstrings, which are the task statements, are left
out first, and so is whatever the released notebook holds.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from autograder.anonymous import without_docstrings

ALIKE = 0.9  # of the tokens, of both
SHORTEST = 80  # characters of filtered code: below, everybody's answer is alike
NOISE = 12  # characters that must agree in a row to count


@dataclass(frozen=True)
class Group:
    """Names whose code is nearly the same; `share` is what the least alike of them have in common."""

    names: tuple[str, ...]
    share: float


def near_identical(
    codes: Mapping[str, str], released: str = "", alike: float = ALIKE
) -> list[Group]:
    """The groups in `codes` ({name: code}) that are nearly the same, the smallest groups first.

    `released` is what everybody was given; it counts for nothing. Codes too short to tell apart
    are left out. A is in B's group if they are alike, or both are like a third.
    """
    from copydetect import compare_files  # late: it loads matplotlib

    prints = _fingerprints(codes, released)
    same: dict[str, list[str]] = {}
    for name, p in prints.items():
        same.setdefault(p.filtered_code, []).append(name)
    groups = {names[0]: Group(tuple(names), 1.0) for names in same.values()}
    for one, other in combinations([names[0] for names in same.values()], 2):
        a, b = prints[one].hashes, prints[other].hashes
        if groups[one] is groups[other] or len(a & b) < 0.8 * alike * max(len(a), len(b)):
            continue  # a cheap look, at sets: most pairs end here
        _, shares, _ = compare_files(prints[one], prints[other])
        if min(shares) >= alike:
            _join(groups, one, other, min(1.0, float(min(shares))))
    found = {id(g): g for g in groups.values() if len(g.names) > 1}.values()
    return sorted(found, key=lambda g: (len(g.names), g.names))


def _join(groups: dict[str, Group], one: str, other: str, share: float) -> None:
    a, b = groups[one], groups[other]
    joined = Group(tuple(sorted(a.names + b.names)), min(a.share, b.share, share))
    for name in groups.keys() & {*joined.names}:
        groups[name] = joined


def _fingerprints(codes: Mapping[str, str], released: str) -> dict[str, Any]:
    from copydetect import CodeFingerprint

    def fingerprint(code: str, boilerplate: Any = None) -> Any:
        text = io.StringIO(without_docstrings(code))
        return CodeFingerprint(
            "code.py", NOISE, 1, boilerplate=boilerplate, language="python", fp=text
        )

    given = list(fingerprint(released).hashes) if released.strip() else None
    prints = {name: fingerprint(code, given) for name, code in codes.items() if code.strip()}
    return {name: p for name, p in prints.items() if p.token_coverage >= SHORTEST}
