"""The class at a glance, as one self-contained HTML page for the instructor.

Scores, statuses, properties that failed, misconceptions with an anonymous example, who is missing
or late, and, once `python -m autograder similar` has run, near-identical submissions.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from markupsafe import Markup

from autograder import records
from autograder.anonymous import anonymous
from autograder.build import chapters, write_if_changed
from autograder.grades import Row
from autograder.html_page import document
from autograder.similarity import Group, near_identical
from autograder.submission import template
from autograder.tasks import all_tasks, get_task

FEWEST = 5  # an example is shown only of what so many did: nobody is to be recognised
BINS = 10
LONGEST_EXAMPLE = 3000  # characters
PUBLISHED = "(the published answer)"


def write(out: Path, rows: Sequence[Row]) -> None:
    """OUT/report.html from these rows and what is stored in OUT."""
    similar, compared, changed = None, "", 0
    if (comparison := last_comparison(out)) is not None:
        similar, changed = still_alike(comparison, records.read_all(out))
        compared = comparison.made
    text = page(rows, records.read_all(out), late(out), similar, compared, changed)
    write_if_changed(out / "report.html", text)


def page(
    rows: Sequence[Row],
    stored: Iterable[records.Record] = (),
    seconds_late: Mapping[tuple[str, str], float] | None = None,
    similar: Mapping[str, Sequence[Group]] | None = None,
    compared: str = "",
    changed: int = 0,
) -> str:
    """The report of these rows of grades.csv.

    `stored` are the submissions' records, `seconds_late` {(student, chapter): seconds}, `similar`
    the groups of near-identical submissions by chapter, or None if nobody has looked; `compared`
    says when that was (ISO 8601, UTC), and `changed` how many submissions are new or others since.
    """
    names = list(dict.fromkeys(r.task for r in rows))
    students = list(dict.fromkeys(r.student for r in rows))
    of_chapter = {
        c: [r for r in rows if r.chapter == c] for c in dict.fromkeys(r.chapter for r in rows)
    }
    here = {(r.student, r.chapter) for r in rows}
    failed, examples = _seen(r for r in stored if (r["student"], r["chapter"]) in here)
    return document(
        "class_report.html",
        title="Class report",
        students=len(students),
        distributions=[_distribution(c, mine) for c, mine in of_chapter.items()],
        tasks=[_task(name, [r for r in rows if r.task == name]) for name in names],
        properties=_properties(failed),
        hints=_hints(rows, examples),
        fewest=FEWEST,
        missing=[_missing(c, mine) for c, mine in of_chapter.items()],
        late=sorted((c, s, _duration(x)) for (s, c), x in (seconds_late or {}).items() if x > 0),
        similar=similar and sorted(similar.items()),
        looked=similar is not None,
        compared=compared and f"{compared[:16].replace('T', ' ')} UTC",
        changed=changed,
        names=names,
        scores=[_student(s, names, rows_of) for s, rows_of in _by_student(rows).items()],
    )


# ----- scores -----


def _distribution(chapter: str, rows: Sequence[Row]) -> dict[str, Any]:
    """How many students reached which share of a chapter's points; those without a submission apart."""
    got: dict[str, float] = {}
    points: dict[str, float] = {}
    for r in rows:
        if r.status != "missing":
            got[r.student] = got.get(r.student, 0.0) + r.score
            points[r.student] = points.get(r.student, 0.0) + r.points
    shares = [got[s] / points[s] for s in points]
    counts = [0] * BINS
    for share in shares:
        counts[min(int(share * BINS + 1e-9), BINS - 1)] += 1
    labels = [f"{10 * k}–{10 * k + 9} %" for k in range(BINS - 1)] + ["90–100 %"]
    return {
        "chapter": chapter,
        "count": len(shares),
        "full": sum(share >= 1 - 1e-9 for share in shares),
        "median": 100 * sorted(shares)[len(shares) // 2] if shares else 0.0,
        "picture": Markup(_bars(chapter, counts, labels)),
    }


def _bars(chapter: str, counts: Sequence[int], labels: Sequence[str]) -> str:
    """A histogram as SVG: each bar has its number, so that nothing hangs on colour or length."""
    high, wide, side, top = 90, 25, 12, max([*counts, 1])
    told = ", ".join(f"{n} at {label}" for n, label in zip(counts, labels, strict=True) if n)
    bars = ""
    for k, count in enumerate(counts):
        tall = round(high * count / top, 1)
        left = side + wide * k
        bars += (
            f'<rect x="{left + 2}" y="{20 + high - tall}" width="{wide - 4}" height="{tall}" '
            'fill="currentColor" fill-opacity=".55" stroke="currentColor"/>'
            f'<text x="{left + wide / 2}" y="{15 + high - tall}">{count or ""}</text>'
        )
    ticks = "".join(
        f'<text x="{side + wide * k}" y="{36 + high}">{100 * k // BINS}</text>'
        for k in range(BINS + 1)
    )
    size = wide * BINS + 2 * side, high + 42
    return (
        f'<svg role="img" aria-label="Scores in {chapter}: {told or "nobody"}" '
        f'width="{size[0]}" height="{size[1]}" viewBox="0 0 {size[0]} {size[1]}">'
        f'<path d="M{side} {20 + high}h{wide * BINS}" stroke="currentColor"/>'
        f'<g fill="currentColor" font-size="12" text-anchor="middle">{bars}{ticks}</g></svg>'
    )


def _task(name: str, rows: Sequence[Row]) -> dict[str, object]:
    odd = Counter(r.status for r in rows if r.status != "graded")
    return {
        "name": name,
        "points": rows[0].points,
        "count": len(rows),
        "full": sum(r.score == r.points for r in rows),
        "mean": sum(r.score for r in rows) / len(rows),
        "statuses": ", ".join(f"{count} {status}" for status, count in odd.most_common()),
    }


def _by_student(rows: Sequence[Row]) -> dict[str, dict[str, Row]]:
    found: dict[str, dict[str, Row]] = {}
    for r in rows:
        found.setdefault(r.student, {})[r.task] = r
    return found


def _student(student: str, names: Sequence[str], mine: Mapping[str, Row]) -> dict[str, Any]:
    return {
        "student": student,
        "cells": [_cell(mine[name]) if name in mine else "" for name in names],
        "sum": sum(r.score for r in mine.values()),
    }


def _cell(row: Row) -> str:
    return f"{row.score:g}" if row.status == "graded" else f"{row.score:g} {row.status}"


# ----- what went wrong -----

Failed = dict[tuple[str, str], list[int]]  # (task, property): [failed, judged]
Examples = dict[tuple[str, str], str]  # (task, hint): the shortest answer


def _seen(stored: Iterable[records.Record]) -> tuple[Failed, Examples]:
    failed: Failed = {}
    examples: Examples = {}
    for record in stored:
        for name, row in record["tasks"].items():
            for title, _, passed, _ in row.get("properties", []):
                count = failed.setdefault((name, title), [0, 0])
                count[0] += not passed
                count[1] += 1
            code = record["answers"].get(name, "")
            key = (name, row["hints"][0] if row["hints"] else "")
            if key[1] and code and len(code) < len(examples.get(key, "x" * LONGEST_EXAMPLE)):
                examples[key] = code
    return failed, examples


def _properties(failed: Failed) -> list[dict[str, Any]]:
    rows = [
        {"task": task, "name": name, "failed": bad, "count": count, "share": bad / count}
        for (task, name), (bad, count) in failed.items()
        if bad
    ]
    return sorted(rows, key=lambda r: -r["share"])


def _hints(rows: Sequence[Row], examples: Examples) -> list[dict[str, object]]:
    counted = Counter((r.task, r.hints[0]) for r in rows if r.hints)
    named = {(task, m.id): m.name for task, _ in counted for m in get_task(task).misconceptions}
    return [
        {
            "task": task,
            "id": id,
            "count": count,
            "name": named.get((task, id), ""),
            "example": _example(task, examples.get((task, id), "")) if count >= FEWEST else "",
        }
        for (task, id), count in counted.most_common()
    ]


def _example(task: str, code: str) -> str:
    return anonymous(code, (task, *get_task(task).arguments)) if code else ""


# ----- who -----


def _missing(chapter: str, rows: Sequence[Row]) -> tuple[str, list[str]]:
    return chapter, list(dict.fromkeys(r.student for r in rows if r.status == "missing"))


def late(out: Path) -> dict[tuple[str, str], float]:
    """{(student, chapter): seconds late}, from nbgrader's gradebook: its due dates, its extensions."""
    from nbgrader.api import Gradebook

    from autograder.nbgrader_config import course_config

    address = course_config(out).CourseDirectory.db_url
    if address.startswith("sqlite:///") and not Path(address.removeprefix("sqlite:///")).exists():
        return {}
    with Gradebook(address) as gradebook:
        return {
            (s.student.id, a.name): s.total_seconds_late
            for a in gradebook.assignments
            for s in a.submissions
            if s.total_seconds_late > 0
        }


def _duration(seconds: float) -> str:
    days, rest = divmod(int(seconds), 86400)
    hours, minutes = rest // 3600, rest % 3600 // 60
    return f"{days} d {hours} h" if days else f"{hours} h {minutes} min"


# ----- near-identical submissions -----


@dataclass(frozen=True)
class Comparison:
    """Groups by chapter, when they were made (ISO 8601, UTC), and of what.

    `contents` are the hashes of the records: {chapter: {student: hash}}.
    """

    groups: dict[str, list[Group]]
    made: str
    contents: dict[str, dict[str, str]]


def compare(out: Path) -> dict[str, list[Group]]:
    """Compare each chapter's submissions with each other and with the published answers.

    The groups are stored in OUT/similar.json with what they were made of, so that later reports
    show those of them that still hold.
    """
    codes: dict[str, dict[str, str]] = {}
    contents: dict[str, dict[str, str]] = {}
    for record in records.read_all(out):
        answers = {n: a for n, a in record["answers"].items() if n in all_tasks()}
        text = "\n\n".join([*answers.values(), *record["added"]])
        codes.setdefault(record["chapter"], {})[record["student"]] = text
        contents.setdefault(record["chapter"], {})[record["student"]] = record["content"]
    found = {}
    for chapter, mine in codes.items():
        released = template(out / "release" / chapter / f"{chapters()[chapter].stem}.ipynb")
        given = "\n\n".join(c.source for c in released if c.is_code)
        found[chapter] = near_identical({**mine, PUBLISHED: _published(chapter)}, given)
    made = datetime.now(UTC).isoformat(timespec="seconds")
    text = json.dumps(asdict(Comparison(found, made, contents)), indent=1)
    write_if_changed(out / "similar.json", text)
    return found


def _published(chapter: str) -> str:
    from autograder.answers import answer_source

    mine = [t for t in all_tasks().values() if t.chapter == chapter]
    return "\n\n".join(answer_source(t.solution, t) for t in mine)


def last_comparison(out: Path) -> Comparison | None:
    """What `compare` stored last; None if nobody has looked, or only an earlier version has.

    Of what that one compared nothing is known, so that nobody can tell whether it still holds.
    """
    path = out / "similar.json"
    stored = json.loads(path.read_text()) if path.exists() else {}
    if "contents" not in stored:
        return None
    groups = {
        chapter: [Group(tuple(g["names"]), g["share"]) for g in groups]
        for chapter, groups in stored["groups"].items()
    }
    return Comparison(groups, stored["made"], stored["contents"])


def still_alike(
    comparison: Comparison, stored: Iterable[records.Record]
) -> tuple[dict[str, list[Group]], int]:
    """The groups without those who have handed in something else since, and how many have.

    A submission that came since counts with them, though it was in no group.
    """
    same, changed = {(chapter, PUBLISHED) for chapter in comparison.groups}, 0
    for record in stored:
        chapter, student = record["chapter"], record["student"]
        if comparison.contents.get(chapter, {}).get(student) == record["content"]:
            same.add((chapter, student))
        else:
            changed += 1
    groups = {
        chapter: [
            Group(names, g.share)
            for g in of_chapter
            if len(names := tuple(n for n in g.names if (chapter, n) in same)) > 1
        ]
        for chapter, of_chapter in comparison.groups.items()
    }
    return groups, changed
