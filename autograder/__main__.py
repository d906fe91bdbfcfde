"""The course on the command line: `python -m autograder COMMAND --help`."""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograder.grades import Row
    from autograder.regrade import Change

MOST_ROWS = 100  # of grades.csv that are printed too
NOBODY_READS = 141  # as a shell tells of a program that SIGPIPE has ended


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it did all it should."""
    args = parser().parse_args(argv)
    try:
        status = int(args.run(args))
        sys.stdout.flush()  # not when Python ends: an error could not be caught there
        return status
    except BrokenPipeError as error:
        if _nobody_reads():
            return NOBODY_READS
        print(f"error: {error}", file=sys.stderr)
        return 2
    except (ValueError, KeyError, OSError) as error:
        said = error.args[0] if isinstance(error, KeyError) and error.args else error
        print(f"error: {said}", file=sys.stderr)
        return 2


def _nobody_reads() -> bool:
    """Whether standard output is the pipe that was closed, as `head` does when it has enough.

    What Python still has to write goes nowhere then.
    """
    try:
        print(flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return True
    return False


def parser() -> argparse.ArgumentParser:
    whole = argparse.ArgumentParser(prog="python -m autograder", description=__doc__)
    commands = whole.add_subparsers(required=True, metavar="COMMAND")

    build = commands.add_parser("build", help="make the notebooks and the nbgrader course")
    build.add_argument("--course", type=Path, default=None, help="the course's folder (course/)")
    build.add_argument(
        "--force",
        action="store_true",
        help="make all chapters anew; what was edited by hand goes to COURSE/edited",
    )
    build.add_argument(
        "--variant",
        type=int,
        default=None,
        metavar="SEED",
        help="variants of the tasks, for credit: published answers fail (needs --course)",
    )
    build.set_defaults(run=run_build)

    grade = commands.add_parser("grade", help="grade a class")
    grade.add_argument(
        "chapters", nargs="*", metavar="CHAPTER", help="ch05 ...; all if none is named"
    )
    grade.add_argument(
        "--submitted", type=Path, required=True, help="DIR/<student>/<chapter>/<notebook>.ipynb"
    )
    grade.add_argument("--out", type=Path, required=True, help="where grades and feedback go")
    grade.add_argument("--jobs", type=int, default=None, help="processes side by side (one a core)")
    grade.add_argument(
        "--seed", type=int, default=None, help="the run's seed (a secret random one)"
    )
    grade.add_argument(
        "--variant", type=int, default=None, metavar="SEED", help="the variant that was released"
    )
    grade.add_argument("--resume", action="store_true", help="keep the verdicts of an earlier run")
    grade.add_argument(
        "--scheduler", default="", metavar="tcp://...", help="a dask.distributed cluster to use"
    )
    grade.add_argument(
        "--unsandboxed", action="store_true", help="run learners' code with your own rights"
    )
    grade.set_defaults(run=run_grade)

    explain = commands.add_parser("explain", help="tell a stored verdict again, for an appeal")
    explain.add_argument("student", metavar="STUDENT")
    explain.add_argument("task", metavar="TASK")
    explain.add_argument("--out", type=Path, required=True, help="where the grades are")
    explain.set_defaults(run=run_explain)

    regrade = commands.add_parser(
        "regrade", help="grade again after a task has changed; no grade falls unasked"
    )
    regrade.add_argument("chapters", nargs="*", metavar="CHAPTER")
    regrade.add_argument("--submitted", type=Path, required=True)
    regrade.add_argument("--out", type=Path, required=True)
    regrade.add_argument("--jobs", type=int, default=None)
    regrade.add_argument("--accept-lower", action="store_true", help="let grades fall too")
    regrade.set_defaults(run=run_regrade)

    similar = commands.add_parser("similar", help="look for near-identical submissions")
    similar.add_argument("--out", type=Path, required=True, help="where the grades are")
    similar.set_defaults(run=run_similar)

    lint = commands.add_parser("lint", help="what to mend in a course before it is released")
    lint.add_argument(
        "--course", type=Path, default=None, help="a course with notebooks of its own"
    )
    lint.set_defaults(run=run_lint)

    demo = commands.add_parser("demo", help="make a synthetic class and grade it")
    demo.add_argument("--out", type=Path, default=Path("_build/demo"))
    demo.add_argument("--jobs", type=int, default=None)
    demo.set_defaults(run=run_demo)

    wheel = commands.add_parser("wheel", help="make what Python in the browser installs")
    wheel.add_argument("--out", type=Path, required=True, help="the folder for the wheel")
    wheel.set_defaults(run=run_wheel)

    tasks = commands.add_parser("tasks", help="list the tasks")
    tasks.add_argument("--json", action="store_true", help="as JSON")
    tasks.set_defaults(run=run_tasks)
    return whole


def run_build(args: argparse.Namespace) -> int:
    from autograder.build import COURSE, build, remembered_variant, variant_chapters

    if args.variant is not None and args.course is None:
        raise ValueError(f"`--variant` (={args.variant}) needs `--course`: a folder of its own")
    course = args.course or COURSE
    made = build(course, force=args.force, variant=args.variant)
    print(f"notebooks made: {', '.join(made)}" if made else "notebooks: nothing has changed")
    seed = remembered_variant(course)
    if seed is not None:
        varied, published = variant_chapters()
        print(f"variant {seed}: {', '.join(varied) or 'no chapter'}")
        if published:
            print(f"the published tasks, as they have no variants: {', '.join(published)}")
    return _lint(course)


def run_grade(args: argparse.Namespace) -> int:
    from autograder.engine import skip_slow_imports

    skip_slow_imports()
    from autograder.build import remembered_variant
    from autograder.grading import Lost, grade
    from autograder.isolation.sandbox import allow_unsandboxed
    from autograder.regrade import COLUMNS, changes_since

    if args.jobs is not None and args.jobs < 1:
        raise ValueError(f"`--jobs` (={args.jobs}) must be at least 1")
    if args.unsandboxed:
        allow_unsandboxed()
    started = datetime.now(UTC).isoformat(timespec="seconds")
    _same_variant(args.submitted, remembered_variant(args.out, args.variant))
    where = args.submitted, args.out, args.chapters
    try:
        rows = grade(*where, args.jobs, args.seed, args.resume, scheduler=args.scheduler)
    except Lost as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped: the same command with --resume goes on from here", file=sys.stderr)
        return 130
    statuses = Counter(r.status for r in rows)
    if len(rows) <= MOST_ROWS:
        print(table([r.cells() for r in rows]))
    print(f"{len(rows)} grades: {', '.join(f'{n} {s}' for s, n in statuses.most_common())}")
    fell = [c for c in changes_since(args.out, started) if c.what == "fell"]
    if fell:
        print("\nThese grades are lower than in the run before. After a task has changed, run")
        print("`regrade` instead of `grade`: it keeps the higher ones.")
        print(table([c.cells(accept_lower=True) for c in fell], COLUMNS))
    print(
        f"written: {args.out / 'grades.csv'}, {args.out / 'report.html'}, {args.out / 'feedback'}/"
    )
    return 0


def _same_variant(submitted: Path, ours: int | None) -> None:
    """Raise ValueError when the submissions answer another variant than the one to be graded."""
    from autograder.variants import variants_in

    theirs = variants_in(submitted)
    if theirs - {ours}:
        shown = ", ".join(map(str, sorted(theirs)))
        graded = "the published tasks" if ours is None else f"variant {ours}"
        raise ValueError(
            f"`submitted` (={str(submitted)!r}) holds answers to variant {shown}, and {graded} "
            "would be graded: say --variant, with a folder for --out of its own"
        )


def run_explain(args: argparse.Namespace) -> int:
    from autograder.explain import explain

    print(explain(args.out, args.student, args.task))
    return 0


def run_regrade(args: argparse.Namespace) -> int:
    from autograder.regrade import NotRegraded, regrade

    told = ""
    try:
        _, changes = regrade(args.submitted, args.out, args.chapters, args.jobs, args.accept_lower)
    except NotRegraded as error:
        changes, told = error.changes, str(error)
    _print_changes(changes, args.accept_lower)
    if told:
        print(f"error: {told}", file=sys.stderr)
    return 1 if told else 0


def _print_changes(changes: "Sequence[Change]", accept_lower: bool) -> None:
    from autograder.regrade import COLUMNS

    if not changes:
        print("no score has changed")
        return
    print(table([c.cells(accept_lower) for c in changes], COLUMNS))
    fell = sum(c.what == "fell" for c in changes)
    if fell and not accept_lower:
        print(f"{fell} scores would fall; they stay. To let them fall: --accept-lower")


def run_similar(args: argparse.Namespace) -> int:
    from autograder import class_report
    from autograder.grades import read_grades

    if not (args.out / "grades.csv").exists():
        raise ValueError(f"`--out` (={str(args.out)!r}) holds no grades.csv: run `grade` first")
    print("comparing the submissions of each chapter ...", flush=True)
    found = class_report.compare(args.out)
    for chapter, groups in found.items():
        print(f"{chapter}: {len(groups)} groups of near-identical submissions")
    class_report.write(args.out, list(read_grades(args.out / "grades.csv")))
    print(f"written: {args.out / 'report.html'}")
    return 0


def run_lint(args: argparse.Namespace) -> int:
    return _lint(args.course)


def _lint(course: Path | None) -> int:
    """Print what is to be mended, and what to know; 1 if anything is to be mended."""
    from autograder.lint import lint, notes

    findings = lint(course)
    for note in notes(course) if course is not None else ():
        print(f"note: {note}")
    if findings:
        print(table([f.cells() for f in findings], ("notebook", "cell", "what to mend")))
    return 1 if findings else 0


def run_demo(args: argparse.Namespace) -> int:
    from autograder.engine import skip_slow_imports

    skip_slow_imports()
    from autograder.build import write_if_changed
    from autograder.demo import SEED, make_class
    from autograder.grading import grade

    rows = grade(make_class(args.out), args.out, jobs=args.jobs, seed=SEED)
    head = ("student", "chapters", "score", "points", "worst", "first hint")
    students = dict.fromkeys(r.student for r in rows)
    shown = table([_student([r for r in rows if r.student == s]) for s in students], head)
    write_if_changed(args.out / "table.txt", shown + "\n")
    print(
        f"written: {args.out / 'grades.csv'}, {args.out / 'report.html'}, {args.out / 'feedback'}/"
    )
    return 0


def run_wheel(args: argparse.Namespace) -> int:
    from autograder.learner_wheel import write_wheel

    print(write_wheel(args.out))
    return 0


def _student(rows: Sequence["Row"]) -> list[str]:
    """A student's line in the demo's table: what was handed in, and its worst task."""
    there = [r for r in rows if r.status != "missing"]
    worst = min(there or rows, key=lambda r: r.score / r.points)
    return [
        rows[0].student,
        " ".join(dict.fromkeys(r.chapter for r in there)) or "none",
        f"{sum(r.score for r in there):g}",
        f"{sum(r.points for r in there):g}",
        worst.status,
        "" if worst.score == worst.points else f"{worst.task}: {' '.join(worst.hints[:1])}",
    ]


def run_tasks(args: argparse.Namespace) -> int:
    from autograder.tasks import all_tasks

    rows = [
        {
            "name": t.name,
            "chapter": t.chapter,
            "signature": t.signature,
            "points": t.points,
            "properties": {p.name: p.points for p in t.properties},
            "misconceptions": {m.id: m.name for m in t.misconceptions},
        }
        for t in all_tasks().values()
    ]
    if args.json:
        print(json.dumps(rows, indent=1))
    else:
        print(
            table(
                [
                    [t.chapter, t.signature, f"{t.points:g}", str(len(t.misconceptions))]
                    for t in all_tasks().values()
                ],
                ("chapter", "task", "points", "misconceptions"),
            )
        )
    return 0


def table(rows: Sequence[Sequence[str]], head: Sequence[str] | None = None) -> str:
    """Rows as aligned text."""
    from autograder.grading import COLUMNS

    lines = [list(head or COLUMNS), *map(list, rows)]
    wide = [max(len(line[k]) for line in lines) for k in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(w) for cell, w in zip(line, wide, strict=True)).rstrip()
        for line in lines
    )


if __name__ == "__main__":
    sys.exit(main())
