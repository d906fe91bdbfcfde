"""Mutants of the model answers: one small change each, made by mutmut's operators, then judged.

    python benchmarks/mutants.py [--task conv_dw]      lists those that keep all points

A mutant that keeps all points is either equivalent (no argument that a task allows tells it from
the model answer: each of these is argued in equivalent_mutants.toml) or a hole in the judge.
"""

import argparse
import difflib
import multiprocessing
import signal
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from mutmut.mutation.file_mutation import create_mutations

from autograder import judge
from autograder.tasks import all_tasks

ROOT = Path(__file__).parents[1]
LISTED = Path(__file__).with_name("equivalent_mutants.toml")
SECONDS = 30  # of CPU for one judgement; a mutant that needs more has lost
SEED = 1


class Mutant(NamedTuple):
    """The change is told by the line it is in, as it was and as it became."""

    function: str
    before: str
    after: str
    module: str
    code: str


def mutants() -> Iterator[Mutant]:
    """All mutants of all model answers."""
    for path in sorted((ROOT / "solutions" / "chapters").glob("ch*.py")):
        source = path.read_text()
        tree, changes, _, _ = create_mutations(str(path), source)
        for change in changes:
            if change.contained_by_top_level_function is None:
                continue
            code = tree.deep_replace(change.original_node, change.mutated_node).code
            lines = difflib.ndiff(source.splitlines(), code.splitlines())
            changed = [line for line in lines if line[0] in "-+"]
            before, after = (
                " ".join(line[2:].strip() for line in changed if line[0] == sign) for sign in "-+"
            )
            name = change.contained_by_top_level_function.name.value
            yield Mutant(name, before, after, path.stem, code)


def listed() -> dict[tuple[str, str, str], str]:
    """{(function, line before, line after): why no argument tells it from the model answer}."""
    if not LISTED.exists():
        return {}
    rows = tomllib.loads(LISTED.read_text())["mutant"]
    return {(r["function"], r["before"], r["after"]): r["why"] for r in rows}


def points_kept(mutant: Mutant) -> float:
    """The share of points that the mutant keeps, in the worst of the tasks that it can reach."""
    tasks = all_tasks()
    names = {"__name__": f"mutant.{mutant.module}"}
    try:
        exec(compile(mutant.code, "mutant", "exec"), names)
    except Exception:
        return 0.0  # it can't even be defined
    reached = [mutant.function] if mutant.function in tasks else _tasks_of(mutant.module)
    shares = []
    for name in reached:
        try:
            with time_limit(SECONDS), np.errstate(all="ignore"):
                report = judge(name, names[name], seed=SEED)
            shares.append(report.score / report.points)
        except TimeoutError:
            shares.append(0.0)
    return min(shares)


def _tasks_of(module: str) -> list[str]:
    return [t.name for t in all_tasks().values() if t.solution.__module__.endswith(module)]


class _TooLong(BaseException):
    """Raised into a running mutant; no `except Exception` of it can stop that."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """TimeoutError once so much CPU time has gone by."""

    def stop(number: int, frame: object) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    except _TooLong:
        raise TimeoutError from None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def judged(jobs: int = 2, only: str = "") -> tuple[int, list[Mutant]]:
    """How many mutants there are that no entry calls equivalent, and those that lose nothing."""
    equivalent = listed()
    chosen = [m for m in mutants() if only in ("", m.function) and m[:3] not in equivalent]
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        kept = pool.map(points_kept, chosen, chunksize=4)
    return len(chosen), [m for m, share in zip(chosen, kept, strict=True) if share >= 1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--task", default="", help="of this function only")
    args = parser.parse_args()
    count, survivors = judged(only=args.task)
    for m in survivors:
        print(f'[[mutant]]\nfunction = "{m.function}"\nbefore = {m.before!r}\nafter = {m.after!r}')
        print('why = ""\n')
    print(
        f"{count} mutants, {len(survivors)} keep all points; {len(listed())} listed as equivalent"
    )


if __name__ == "__main__":
    main()
