"""How much the judge sees: wrong programs it catches and names, right ones it lets pass.

    python benchmarks/judge_power.py [--fast] [--json] [--seeds 1000] [--matrix FILE]

Five questions, each over all tasks:

    wrong      does every known wrong implementation lose points, and is it named first?
    pairs      do two bugs at once pass? is one of the two named?
    unseen     and programs by writers who saw the task statements only (tests/autograder/unseen)?
    right      do right programs in independent styles, some jitted by Numba, some with unusual
               layouts of what they return, ever lose a point?
    mutants    does any small change of a model answer keep all points, that is not equivalent?

`--fast` takes a sample of each, for `make test`. `--matrix` writes a CSV, task x wrong
implementation with the points kept and the first hint. The last line of `--json` holds counts.
"""

import argparse
import csv
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import import_module
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

for library in ("OMP", "OPENBLAS", "MKL", "NUMBA"):  # as everywhere: one thread each
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

import numpy as np
from tqdm import tqdm

from autograder import judge
from autograder.task import Function, Misconception, Task, both
from autograder.tasks import all_tasks, get_task

ROOT = Path(__file__).parents[1]
FRESH_SEED = 987654321  # at which no test and no hint was ever looked at
TRAINED = ("train_cnn",)  # a judgement of these takes many seconds of training
TRAINED_SEEDS = 2
FAST_SEEDS = 3
PAIRS_A_TASK = 8

Job = tuple[Any, ...]


class Verdict(NamedTuple):
    """What came of judging one program."""

    score: float
    points: float
    hints: tuple[str, ...]
    passed: tuple[bool, ...]

    @property
    def full(self) -> bool:
        return self.score >= self.points


def verdict(name: str, function: Function, seed: int, level: str = "grade") -> Verdict:
    with np.errstate(all="ignore"):
        report = judge(name, function, seed=seed, level=level)
    passed = tuple(p.passed for p in report.properties)
    return Verdict(report.score, report.points, report.hints, passed)


# ----- wrong: every misconception -----


def wrong_jobs(fast: bool) -> list[Job]:
    jobs = [(t.name, m.id) for t in all_tasks().values() for m in t.misconceptions]
    return [j for j in jobs[::12] if j[0] not in TRAINED] if fast else jobs


def misconception(task: Task, id: str) -> Misconception:
    return next(m for m in task.misconceptions if m.id == id)


def judge_wrong(job: Job) -> tuple[Verdict, bool]:
    """The verdict at a fresh seed, and whether the check fails in the same properties."""
    name, id = job
    wrong = misconception(get_task(name), id).wrong
    graded = verdict(name, wrong, FRESH_SEED)
    return graded, graded.passed == verdict(name, wrong, 0, "check").passed


# ----- pairs: two switches at once -----


def pair_jobs(fast: bool) -> list[Job]:
    """For each task a few pairs, drawn once and for all."""
    rng = np.random.default_rng(5)
    jobs: list[Job] = []
    for task in all_tasks().values():
        switches = [m for m in task.misconceptions if getattr(m.wrong, "func", None) is task.wrong]
        pairs = list(combinations([m.id for m in switches], 2))
        for k in rng.permutation(len(pairs))[: 1 if fast else PAIRS_A_TASK]:
            jobs.append((task.name, *pairs[k]))
    return [j for j in jobs if j[0] not in TRAINED]


def judge_pair(job: Job) -> tuple[Verdict, bool]:
    """The verdict, and whether the two bugs cancel out: then the pair is right, not wrong."""
    task = get_task(job[0])
    wrong = both(task, misconception(task, job[1]), misconception(task, job[2]))
    return verdict(task.name, wrong, FRESH_SEED), _is_right(task, wrong)


def _is_right(task: Task, function: Function) -> bool:
    """Whether the function agrees with the model answer on every case of three other seeds."""
    from autograder.observe import observe

    rng = np.random.default_rng(77)
    cases = [c for _ in range(3) for p in task.properties for c in p.cases(rng) if not c.large]
    return all(observe(task, function, c, rng, lambda: 0.0).right for c in cases)


# ----- unseen: programs by writers who had the statements only -----


def unseen_jobs(fast: bool) -> list[Job]:
    import runpy

    folder = ROOT / "tests" / "autograder" / "unseen"
    rows = [
        (name, hints, before, code)
        for path in sorted(folder.glob("ch*.py"))
        for name, _, hints, before, code in runpy.run_path(str(path))["PROGRAMS"]
    ]
    return [r for r in rows[::8] if r[0] not in TRAINED] if fast else rows


def judge_unseen(job: Job) -> Verdict:
    name, _, _, code = job
    windows = np.lib.stride_tricks.sliding_window_view
    names: dict[str, Any] = {"np": np, "numpy": np, "sliding_window_view": windows}
    exec(code, names)
    return verdict(name, names[name], FRESH_SEED)


# ----- right: independent styles, many seeds -----


def style_names(task: Task) -> list[str]:
    """The model answer, the other styles, and the loops under Numba."""
    table = _table(task)
    names = ["model", *(style for style in table if task.name in table[style])]
    return [*names, "numba"] if "loops" in names and task.name not in TRAINED else names


def in_style(task: Task, style: str) -> Function | None:
    """The function; None where Numba can't compile it."""
    if style == "model":
        return task.solution
    return _jitted(task.name) if style == "numba" else _table(task)[style][task.name]


def _table(task: Task) -> dict[str, dict[str, Function]]:
    module = import_module(f"autograder.styles.{task.solution.__module__.rsplit('.', 1)[-1]}")
    table: dict[str, dict[str, Function]] = module.STYLES
    return table


@cache
def _jitted(name: str) -> Function | None:
    """The loop form under Numba, if all of it is something that Numba compiles."""
    from numba import njit
    from numba.core.errors import NumbaError

    task = get_task(name)
    compiled = njit(_table(task)["loops"][name])
    try:
        for prop in task.properties:
            for case in prop.cases(np.random.default_rng(0)):
                compiled(*case.args)
    except (NumbaError, TypeError, AssertionError):
        return None

    def call(*args: Any) -> Any:
        return compiled(*args)

    return call


def _returned(change: Callable[[Any], Any], function: Function) -> Function:
    """The function, with every array of four axes that it returns changed in layout."""

    def called(*args: Any) -> Any:
        answer = function(*args)
        if isinstance(answer, tuple):
            return tuple(map(change, answer))
        return change(answer)

    return called


def _column_first(value: Any) -> Any:
    return np.asfortranarray(value) if isinstance(value, np.ndarray) and value.ndim > 1 else value


def _locked(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        value = value.copy()
        value.flags.writeable = False
    return value


LAYOUTS: tuple[Callable[[Any], Any], ...] = (lambda value: value, _column_first, _locked)


def right_jobs(fast: bool, seeds: int) -> list[Job]:
    """(task, style, first seed, how many): a job is some seconds of work."""
    jobs: list[Job] = []
    for task in all_tasks().values():
        names = style_names(task) if not fast else ["model"]
        trained = task.name in TRAINED
        count = (0 if fast else TRAINED_SEEDS) if trained else (FAST_SEEDS if fast else seeds)
        block = 1 if trained else 50
        jobs += [
            (task.name, style, first, min(block, count - first))
            for style in names
            for first in range(0, count, block)
        ]
    return jobs


def judge_right(job: Job) -> tuple[int, list[str]]:
    """How many judgements were made, and what was rejected, as lines to print."""
    name, style, first, count = job
    function = in_style(get_task(name), style)
    if function is None:
        return 0, []
    rejected = []
    for k in range(first, first + count):
        layout = LAYOUTS[k % len(LAYOUTS)]
        seen = verdict(name, _returned(layout, function), FRESH_SEED + k)
        if not seen.full:
            rejected.append(f"{name} in style {style}, seed {FRESH_SEED + k}: {seen}")
    return count, rejected


# ----- all together -----


def over(jobs: list[Job], work: Callable[[Job], Any], title: str, processes: int) -> Iterator[Any]:
    """(job, result) in the order of the jobs, on all cores, with progress."""
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        results: Iterable[Any] = pool.imap(work, jobs)
        bar = tqdm(results, total=len(jobs), desc=title, disable=None, file=sys.stderr)
        yield from zip(jobs, bar, strict=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fast", action="store_true", help="a sample of everything")
    parser.add_argument("--json", action="store_true", help="the counts as the last line")
    parser.add_argument("--seeds", type=int, default=1000, help="seeds for each right style")
    parser.add_argument("--matrix", type=Path, help="write task x wrong implementation as CSV")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()
    started = time.perf_counter()
    count: dict[str, int] = {"tasks": len(all_tasks())}

    rows = list(over(wrong_jobs(args.fast), judge_wrong, "wrong", args.jobs))
    count["wrong"] = len(rows)
    count["caught"] = sum(not seen.full for _, (seen, _) in rows)
    count["first_hint"] = sum(seen.hints[:1] == (job[1],) for job, (seen, _) in rows)
    count["top2_hint"] = sum(job[1] in seen.hints[:2] for job, (seen, _) in rows)
    count["check_and_grade_differ"] = sum(not alike for _, (_, alike) in rows)
    for job, (seen, alike) in rows:
        if seen.full or job[1] not in seen.hints[:1] or not alike:
            print(f"  {job[0]} {job[1]}: {seen.score:g} of {seen.points:g}, hints {seen.hints}")
    if args.matrix:
        _write_matrix(args.matrix, [(job, seen) for job, (seen, _) in rows])

    pairs = list(over(pair_jobs(args.fast), judge_pair, "pairs", args.jobs))
    wrong_pairs = [(job, seen) for job, (seen, cancels) in pairs if not cancels]
    count["pairs"] = len(wrong_pairs)
    count["pairs_caught"] = sum(not seen.full for _, seen in wrong_pairs)
    count["pairs_true_hint"] = sum(bool({*job[1:]} & {*seen.hints}) for job, seen in wrong_pairs)
    for job, seen in wrong_pairs:
        if seen.full:
            print(f"  pair passes: {job}")

    unseen = list(over(unseen_jobs(args.fast), judge_unseen, "unseen", args.jobs))
    count["unseen"] = len(unseen)
    count["unseen_caught"] = sum(not seen.full for _, seen in unseen)
    count["unseen_true_hint"] = sum(bool({*seen.hints[:1]} & job[1]) for job, seen in unseen)
    count["unseen_true_hint_before_tuning"] = sum(job[2] for job, _ in unseen)

    right = list(over(right_jobs(args.fast, args.seeds), judge_right, "right", args.jobs))
    count["right"] = sum(made for _, (made, _) in right)
    rejections = [line for _, (_, lines) in right for line in lines]
    count["false_rejections"] = len(rejections)
    print(*(f"  {line}" for line in rejections), sep="\n", end="\n" if rejections else "")

    count |= _mutants(args.fast, args.jobs)
    seconds = time.perf_counter() - started
    _tell(count, seconds)
    if args.json:
        print(json.dumps(count | {"seconds": round(seconds)}))


def _mutants(fast: bool, processes: int) -> dict[str, int]:
    try:
        import mutants
    except ModuleNotFoundError:
        print("  mutmut is not installed (make dev): no mutants")
        return {"mutants": 0, "mutants_caught": 0}
    only = "conv_dw" if fast else ""
    made, survivors = mutants.judged(processes, only)
    for m in survivors:
        print(f"  mutant keeps all points: {m.function}: {m.before} -> {m.after}")
    return {
        "mutants": made,
        "mutants_caught": made - len(survivors),
        "mutants_equivalent": len([key for key in mutants.listed() if only in ("", key[0])]),
    }


def _write_matrix(path: Path, rows: list[tuple[Job, Verdict]]) -> None:
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["task", "wrong", "kept", "points", "first_hint"])
        for (name, id), seen in rows:
            table.writerow([name, id, f"{seen.score:g}", f"{seen.points:g}", *seen.hints[:1]])


def _tell(count: dict[str, int], seconds: float) -> None:
    def share(part: str, whole: str) -> str:
        return f"{count[part]} of {count[whole]} ({count[part] / max(count[whole], 1):.1%})"

    differ = count["check_and_grade_differ"]
    print(f"{count['tasks']} tasks, {seconds:.0f} s")
    print(f"wrong    caught {share('caught', 'wrong')}")
    print(f"         named first {share('first_hint', 'wrong')}")
    print(f"         named within two {share('top2_hint', 'wrong')}")
    print(f"         fail in other properties at check than at grade: {differ}")
    print(f"pairs    caught {share('pairs_caught', 'pairs')}")
    print(f"         one of the two named {share('pairs_true_hint', 'pairs')}")
    print(f"unseen   caught {share('unseen_caught', 'unseen')}")
    print(f"         first hint true {share('unseen_true_hint', 'unseen')}")
    print(f"         before tuning {share('unseen_true_hint_before_tuning', 'unseen')}")
    print(f"right    {count['right']} judgements, {count['false_rejections']} rejected")
    print(f"mutants  caught {share('mutants_caught', 'mutants')}")


if __name__ == "__main__":
    main()
