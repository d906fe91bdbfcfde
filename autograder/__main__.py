"""The course on the command line: `python -m autograder COMMAND --help`."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it did all it should."""
    args = parser().parse_args(argv)
    try:
        return int(args.run(args))
    except (ValueError, KeyError, OSError) as error:
        print(f"error: {error.args[0] if error.args else error}", file=sys.stderr)
        return 2


def parser() -> argparse.ArgumentParser:
    whole = argparse.ArgumentParser(prog="python -m autograder", description=__doc__)
    commands = whole.add_subparsers(required=True, metavar="COMMAND")

    build = commands.add_parser("build", help="make the notebooks and the nbgrader course")
    build.add_argument("--course", type=Path, default=None, help="the course's folder (course/)")
    build.add_argument("--force", action="store_true", help="make unchanged chapters anew too")
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
    grade.add_argument("--resume", action="store_true", help="keep the verdicts of an earlier run")
    grade.set_defaults(run=run_grade)

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
    from autograder.build import COURSE, build

    made = build(args.course or COURSE, force=args.force)
    print(f"notebooks made: {', '.join(made)}" if made else "notebooks: nothing has changed")
    return 0


def run_grade(args: argparse.Namespace) -> int:
    from autograder.grading import grade

    if args.jobs is not None and args.jobs < 1:
        raise ValueError(f"`--jobs` (={args.jobs}) must be at least 1")
    rows = grade(args.submitted, args.out, args.chapters, args.jobs, args.seed, args.resume)
    print(table([r.cells() for r in rows]))
    print(
        f"written: {args.out / 'grades.csv'}, {args.out / 'report.html'}, {args.out / 'feedback'}/"
    )
    return 0


def run_demo(args: argparse.Namespace) -> int:
    from autograder.build import write_if_changed
    from autograder.demo import make_class
    from autograder.grading import grade

    rows = grade(make_class(args.out), args.out, jobs=args.jobs)
    students = list(dict.fromkeys(r.student for r in rows))
    lines = []
    for student in students:
        mine = [r for r in rows if r.student == student]
        worst = min(mine, key=lambda r: r.score / r.points)
        sums = f"{sum(r.score for r in mine):g}", f"{sum(r.points for r in mine):g}"
        said = "" if worst.score == worst.points else f"{worst.task}: {' '.join(worst.hints[:1])}"
        lines.append([student, *sums, worst.status, said])
    shown = table(lines, ("student", "score", "points", "status", "first hint"))
    write_if_changed(args.out / "table.txt", shown + "\n")
    print(
        f"written: {args.out / 'grades.csv'}, {args.out / 'report.html'}, {args.out / 'feedback'}/"
    )
    return 0


def run_wheel(args: argparse.Namespace) -> int:
    from autograder.learner_wheel import write_wheel

    print(write_wheel(args.out))
    return 0


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
