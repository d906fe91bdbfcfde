"""A verdict told again, for an appeal: from what is stored, without running anything.

It shows what may be shown to the student: the cases as the check in the notebook draws them, not
the numbers of the run.
"""

from difflib import get_close_matches
from pathlib import Path

from autograder import records
from autograder.build import chapters
from autograder.feedback import RELEASED, SAID
from autograder.grades import read_grades
from autograder.html_page import visible
from autograder.judge import PUBLIC_SEED, generator
from autograder.submission import template
from autograder.task import Property, Task, arguments_text
from autograder.tasks import get_task
from autograder.verdict import code_digest


def explain(out: Path, student: str, name: str) -> str:
    """The stored verdict on a student's answer to the task `name`, as text.

    Where nothing was handed in, it says so. Raises KeyError for an unknown task, ValueError if
    nothing is stored for the student.
    """
    task = get_task(name)
    record = records.read(out, student, task.chapter)
    if _is_missing(out, student, name):
        return visible("\n".join(_missing(student, task, record)))
    if record is None or name not in record["tasks"]:
        raise ValueError(_nothing(out, student, task))
    row = record["tasks"][name]
    task = get_task(row.get("asked", name))  # a variant's name holds its seed
    lines = [
        f"{student}: {task.signature}: {row['score']:g} of {row['points']:g} points",
        f"graded {record['graded']}",
    ]
    if record["code"] != code_digest():
        lines.append(
            "The grader's code has changed since: this is what it said then. "
            "`python -m autograder regrade` shows what it would say now."
        )
    if SAID[row["status"]]:
        lines.append(SAID[row["status"]])
    if record["problem"]:
        lines.append(f"The reason: {record['problem']}.")
    if "kept" in row:
        lines.append(f"The earlier score stays; graded anew it was {row['kept']:g}.")
    lines += _properties(task, row.get("properties", []))
    if row.get("example"):
        lines += ["", row["example"]]
    if row.get("hint"):
        lines += ["", f"Hint ({row['hints'][0]}): {row['hint']}"]
    lines += _history(record, name)
    if row["status"] != "unreadable":  # what is stored are the released cells
        lines += _answer(out, task, name, record["answers"].get(name, "(no answer cell)"))
    return visible("\n".join(lines))


def _properties(task: Task, rows: list[tuple[str, float, bool, str]]) -> list[str]:
    """Each property: its points, what was seen, and which calls it makes in the notebook's check."""
    cases = {p.name: _calls(task, p) for p in task.properties}
    lines = []
    for title, points, passed, message in rows:
        earned = points if passed else 0
        said = f": {message}" if message else ""
        mark = "ok" if passed else "--"
        lines += ["", f"{mark} {title}: {earned:g} of {points:g}{said}", *cases.get(title, [])]
    if rows:
        lines.insert(
            0, "\nCalled, by position, as in the notebook's check (other numbers and sizes):"
        )
    return lines


def _calls(task: Task, prop: Property) -> list[str]:
    cases = prop.cases(generator(PUBLIC_SEED, task.name, prop.name))
    return [f"     {task.name}({_short(arguments_text(task, c.args))})" for c in cases[:4]] + (
        [f"     and {len(cases) - 4} more"] if len(cases) > 4 else []
    )


def _short(text: str) -> str:
    return text if len(text) <= 100 else text[:96] + " ..."


def _history(record: records.Record, name: str) -> list[str]:
    told = [
        f"  {h['graded']}: {h['tasks'][name]['score']:g} of {h['tasks'][name]['points']:g}, "
        f"{h['tasks'][name]['status']}"
        for h in record["history"]
        if name in h["tasks"]
    ]
    return ["", "Before:", *told] if told else []


def _answer(out: Path, task: Task, name: str, answer: str) -> list[str]:
    if answer == _stub(out, task.chapter, name):
        return ["", RELEASED]
    return ["", "The answer:", "", answer]


def _stub(out: Path, chapter: str, name: str) -> str | None:
    """The answer cell as it was released; None if the release is not there any more."""
    release = out / "release" / chapter / f"{chapters()[chapter].stem}.ipynb"
    cells = template(release) if release.exists() else ()
    return next((c.source for c in cells if c.name == f"{name}-answer"), None)


def _is_missing(out: Path, student: str, name: str) -> bool:
    """Whether grades.csv says that the student handed in nothing for this task's chapter."""
    rows = read_grades(out / "grades.csv")
    return any((r.student, r.task, r.status) == (student, name, "missing") for r in rows)


def _missing(student: str, task: Task, record: records.Record | None) -> list[str]:
    """What there is to tell without a submission; in an earlier run there may have been one."""
    lines = [
        f"{student}: {task.signature}: 0 of {task.points:g} points",
        f"Nothing was handed in for chapter {task.chapter}.",
    ]
    if record is not None and task.name in record["tasks"]:
        row = record["tasks"][task.name]
        earned = f"{row['score']:g} of {row['points']:g}, {row['status']}"
        lines.append(f"An earlier run had a submission, graded {record['graded']}: {earned}.")
    return lines


def _nothing(out: Path, student: str, task: Task) -> str:
    known = sorted(p.parent.name for p in (out / "verdicts").glob(f"*/{task.chapter}.json"))
    near = get_close_matches(student, known, n=3)
    meant = f"; did you mean {' or '.join(near)}?" if near else ""
    return f"`student` (={student!r}) has no verdict on {task.name} in {out}{meant}"
