"""The judge's own CPU time, and how long a learner waits for a check.

    python benchmarks/judge_speed.py [--json] [--rounds 5]

judge  CPU seconds of a judgement at grade level without the function under test (the model answer)
check  seconds that a check cell takes, for the model answer and for the slowest known bug: a wrong
       answer takes longer, as its hint is computed
Of each the least of some rounds, each at another seed. train_cnn trains; it is left out.
"""

import argparse
import contextlib
import io
import json
import time

import numpy as np

from autograder import check, judge
from autograder.tasks import all_tasks

TYPICAL, MOST, WAIT = 0.03, 0.1, 1.0


def judge_cpu(task, seed):
    """CPU seconds of one judgement, less those of the function under test."""
    inside = 0.0

    def timed(*args):
        nonlocal inside
        started = time.process_time()
        try:
            return task.solution(*args)
        finally:
            inside += time.process_time() - started

    started = time.process_time()
    judge(task.name, timed, seed=seed)
    return time.process_time() - started - inside


def check_seconds(task, function):
    with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
        started = time.perf_counter()
        check(function, task.name)
        return time.perf_counter() - started


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="a summary as the last line")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    tasks = [t for t in all_tasks().values() if not t.through]
    print(f"{'task':<26}{'judge CPU':>10}{'check, right':>14}{'slowest bug':>13}")
    cpu, slowest = {}, {}
    for task in tasks:
        cpu[task.name] = min(judge_cpu(task, seed) for seed in range(1, args.rounds + 1))
        right = min(check_seconds(task, task.solution) for _ in range(args.rounds))
        first = {m.id: check_seconds(task, m.wrong) for m in task.misconceptions}
        worst = max(task.misconceptions, key=lambda m: first[m.id])
        slowest[task.name] = min(check_seconds(task, worst.wrong) for _ in range(args.rounds))
        print(
            f"{task.name:<26}{cpu[task.name]:>8.4f} s{right:>12.3f} s{slowest[task.name]:>11.3f} s"
            f"  {worst.id}",
            flush=True,
        )
    median = float(np.median(list(cpu.values())))
    print(
        f"judge: median {median:.4f} s (limit {TYPICAL}), most {max(cpu.values()):.4f} s ({MOST})"
    )
    print(f"check: slowest {max(slowest.values()):.3f} s (limit {WAIT})")
    if args.json:
        found = {"median_cpu_s": median, "most_cpu_s": max(cpu.values())}
        found["slowest_check_s"] = max(slowest.values())
        print(json.dumps({k: round(v, 5) for k, v in found.items()}))


if __name__ == "__main__":
    main()
