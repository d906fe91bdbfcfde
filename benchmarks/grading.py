"""Submissions a second: the same class graded with stock nbgrader and with ours, in turn.

    python benchmarks/grading.py [--count 200] [--blocks 1] [--jobs N] [--json]
    python benchmarks/grading.py --count 5000 --ours     # memory and speed of a large class

Both are run as their users run them: `nbgrader autograde` with its own settings (a kernel for each
submission, one after the other, checks in the learner's process), and `python -m autograder grade`
(sandboxed, --jobs side by side; it writes feedback and report too). They take turns in blocks, as a
shared machine may be slower a minute later: half of a block by stock, the block by ours, the other
half by stock. Start-up is part of each.

The class: chapter 5, and a pooling chapter if there is one. Of ten submissions four are right,
each in another style, five wrong, each in another way, one blank; no two have the same text.

per_s   submissions a second          cpu_s   CPU seconds a submission, all processes
peak    MiB of all processes of ours (proportional shares), the most of a sample every half second
apart   CPU seconds a submission in one process: judge; learner's side; engine, which is the rest
"""

import argparse
import ctypes
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

AS_USERS = dict(os.environ)
os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as in a process that grades; a second one would spin

import nbformat
import numpy as np
import psutil
from nbgrader.api import Gradebook

from autograder import verdict
from autograder.build import ROOT, build, chapters
from autograder.demo import HandedIn, notebook_file, tasks_of
from autograder.engine import cores
from autograder.grades import read_grades

STOCK = """\
c = get_config()
c.CourseDirectory.root = {root!r}
c.CourseDirectory.db_url = "sqlite:///" + {root!r} + "/gradebook.db"
"""
APART = 40  # submissions of the measurement in one process


def names():
    """The chapters: 5, and the first about pooling."""
    return [c for c in ("ch05", "ch10", "ch11") if c in chapters()][:2]


def hand_in(folder, released, numbers):
    """Write these submissions: the chapters in turn."""
    for number in numbers:
        chapter = names()[number % len(names())]
        student = f"student-{number:05}"
        path = folder / student / chapter / f"{chapters()[chapter].stem}.ipynb"
        path.parent.mkdir(parents=True)
        notebook = json.loads(notebook_file(one(student, chapter, number), released[chapter]))
        for cell in notebook["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("solution"):
                cell["source"] = "".join(cell["source"]) + f"\n# {student}"
        path.write_text(json.dumps(notebook))


def one(student, chapter, number):
    kind = number // len(names()) % 10
    if kind < 4:
        return HandedIn(student, chapter, "right", style=kind)
    if kind == 9:
        return HandedIn(student, chapter, "blank")
    rng = np.random.default_rng(number)
    tasks = tasks_of(chapter).items()
    bugs = {name: t.misconceptions[rng.integers(len(t.misconceptions))] for name, t in tasks}
    return HandedIn(student, chapter, "wrong", bugs=bugs)


class Watched:
    """A command that has run: wall and CPU seconds, and the most memory of its processes."""

    def __init__(self, words, cwd):
        self.peak = 0.0
        environment = {**AS_USERS, "PYTHONPATH": str(ROOT)}
        programs = Path(sys.executable).parent
        environment["PATH"] = os.pathsep.join([str(programs), environment.get("PATH", "")])
        started = time.perf_counter()
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(words, cwd=cwd, env=environment, stdout=said, stderr=said)
            ended = threading.Event()
            watcher = threading.Thread(target=self._watch, args=(process.pid, ended))
            watcher.start()
            _, status, used = os.wait4(process.pid, 0)
            self.seconds = time.perf_counter() - started
            process.returncode = os.waitstatus_to_exitcode(status)
            ended.set()
            watcher.join()
            self.cpu = used.ru_utime + used.ru_stime + orphans_cpu()
            if process.returncode:
                said.seek(0)
                sys.exit(f"{words}: status {process.returncode}\n{said.read().decode()[-3000:]}")

    def _watch(self, pid, ended):
        while not ended.wait(0.5):
            self.peak = max(self.peak, proportional_mib(pid))


def adopt_orphans():
    """From here on, what is left of a command's processes becomes this one's to wait for.

    bubblewrap ends before the process that it started inside, whose CPU time would be lost.
    """
    set_child_subreaper = 36
    if ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0) != 0:
        sys.exit("prctl: this system does not tell the CPU time of all processes")


def orphans_cpu():
    """Wait for the processes that a command has left behind: their CPU seconds."""
    total = 0.0
    while True:
        try:
            _, _, used = os.wait3(0)
        except ChildProcessError:
            return total
        total += used.ru_utime + used.ru_stime


def proportional_mib(pid):
    """Memory of a process and its descendants; what they share counts once."""
    total = 0
    try:
        for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
            lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    except (psutil.Error, OSError):
        pass
    return total / 1024


def ours(folder, submitted, jobs):
    words = [sys.executable, "-m", "autograder", "grade", *names()]
    words += ["--submitted", str(submitted), "--out", str(folder)]
    return Watched([*words, *(["--jobs", str(jobs)] if jobs else [])], ROOT)


def stock(folder):
    """Each chapter by `nbgrader autograde`, in the folder whose `submitted` it is."""
    (folder / "nbgrader_config.py").write_text(STOCK.format(root=str(folder)))
    runs = [Watched(["nbgrader", "autograde", c], folder) for c in names()]
    return sum(r.seconds for r in runs), sum(r.cpu for r in runs)


def stock_scores(folder):
    found = {}
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        for chapter in names():
            for submission in book.assignment_submissions(chapter):
                found[submission.student.id] = submission.score
    return found


def our_scores(folder):
    found = {}
    for row in read_grades(folder / "grades.csv"):
        if row.status != "missing":
            found[row.student] = found.get(row.student, 0.0) + row.score
    return found


def apart(folder, submitted):
    """{part: CPU seconds a submission}, in this process."""
    from autograder.gradebook import Recorder
    from autograder.grading import find_submissions, grade_one, secret_seed
    from autograder.isolation.session import learner_cpu

    judging = 0.0
    judge = verdict.judge

    def timed(*args, **named):
        nonlocal judging
        started = time.process_time()
        try:
            return judge(*args, **named)
        finally:
            judging += time.process_time() - started

    found = list(find_submissions(submitted, names(), folder, secret_seed(folder)))
    few = found[:: max(1, len(found) // APART)][:APART]
    grade_one(few[0])  # start what lives on
    verdict.judge = timed
    before, learners = time.process_time(), learner_cpu()
    with Recorder(folder) as book:
        for submission in few[1:]:
            book.record(grade_one(submission)[1])
    whole, learner = time.process_time() - before, learner_cpu() - learners
    verdict.judge = judge
    parts = {"engine": whole - judging, "judge": judging, "learner": learner}
    return {name: seconds / len(few[1:]) for name, seconds in parts.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--blocks", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=None)
    parser.add_argument("--ours", action="store_true", help="leave stock nbgrader out")
    parser.add_argument("--json", action="store_true", help="a summary as the last line")
    args = parser.parse_args()
    if not 1 <= args.blocks <= args.count:
        parser.error(f"`--blocks` (={args.blocks}) must be from 1 to the count ({args.count})")
    adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="grading ") as folder:
        measure(Path(folder), args)


def measure(folder, args):
    course = folder / "course"
    build(course, exercises=None, wanted=names())
    paths = {c: course / "release" / c / f"{chapters()[c].stem}.ipynb" for c in names()}
    released = {c: nbformat.read(path, as_version=4) for c, path in paths.items()}
    print(f"{args.count} submissions of {' and '.join(names())}, {cores()} cores", flush=True)
    sums = dict.fromkeys(("ours", "ours_cpu", "stock", "stock_cpu"), 0.0)
    peak, differ = 0.0, 0
    for block, numbers in enumerate(np.array_split(np.arange(args.count), args.blocks)):
        place = folder / f"block {block}"
        halves = [place / "stock 0", place / "stock 1"][: 0 if args.ours else 2]
        for half, its in zip(halves, np.array_split(numbers, 2), strict=False):
            hand_in(half / "submitted", released, map(int, its))
            build(half, exercises=None, wanted=names())
        hand_in(place / "submitted", released, map(int, numbers))
        build(place / "ours", exercises=None, wanted=names())
        runs = [stock(half) for half in halves[:1]]
        run = ours(place / "ours", place / "submitted", args.jobs)
        runs += [stock(half) for half in halves[1:]]
        sums["ours"], sums["ours_cpu"] = sums["ours"] + run.seconds, sums["ours_cpu"] + run.cpu
        for seconds, cpu in runs:
            sums["stock"], sums["stock_cpu"] = sums["stock"] + seconds, sums["stock_cpu"] + cpu
        peak = max(peak, run.peak)
        mine = our_scores(place / "ours")
        for half in halves:
            differ += sum(mine[student] != score for student, score in stock_scores(half).items())
        print(f"block {block + 1} of {args.blocks}: {show(sums)}", flush=True)
    build(folder / "apart", exercises=None, wanted=names())
    parts = apart(folder / "apart", folder / "block 0" / "submitted")
    report(args, sums, peak, parts, differ)


def show(sums):
    return ", ".join(f"{name} {seconds:.1f} s" for name, seconds in sums.items() if seconds)


def report(args, sums, peak, parts, differ):
    found = {"ours_per_s": args.count / sums["ours"], "ours_cpu_s": sums["ours_cpu"] / args.count}
    print(f"ours:  {found['ours_per_s']:.2f}/s, {found['ours_cpu_s']:.3f} CPU-s a submission")
    if not args.ours:
        found["stock_per_s"] = args.count / sums["stock"]
        found["stock_cpu_s"] = sums["stock_cpu"] / args.count
        found["ratio"] = found["ours_per_s"] / found["stock_per_s"]
        print(f"stock: {found['stock_per_s']:.2f}/s, {found['stock_cpu_s']:.3f} CPU-s a submission")
        print(f"ratio: {found['ratio']:.1f}; submissions with other scores: {differ}")
    found["peak_mb"] = peak
    print(f"peak:  {peak:.0f} MiB")
    print("apart: " + ", ".join(f"{part} {cpu:.3f} CPU-s" for part, cpu in parts.items()))
    if args.json:
        print(json.dumps({name: round(value, 4) for name, value in found.items()}))


if __name__ == "__main__":
    main()
