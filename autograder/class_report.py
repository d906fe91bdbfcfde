"""The class at a glance, as one self-contained HTML page: scores, statuses, the commonest hints."""

from collections import Counter
from collections.abc import Sequence

from jinja2 import Environment

from autograder.grades import Row
from autograder.tasks import get_task

PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Class report</title>
<style>
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
  body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
  .scroll { overflow-x: auto }
  table { border-collapse: collapse; margin: 1rem 0 }
  caption { text-align: left; font-weight: 600; padding: .3rem 0 }
  th, td { border: 1px solid GrayText; padding: .2rem .6rem; text-align: left }
  td.number { text-align: right; font-variant-numeric: tabular-nums }
  meter { width: 6rem }
</style>
<h1>Class report</h1>
<p>{{ students }} students, {{ tasks|length }} tasks.</p>
<div class="scroll"><table>
<caption>Tasks</caption>
<tr><th>task<th>full marks<th>mean score<th><th>not graded normally</tr>
{% for t in tasks %}
<tr><th scope="row">{{ t.name }}<td class="number">{{ t.full }} of {{ t.count }}
<td class="number">{{ "%.2f"|format(t.mean) }} of {{ "%g"|format(t.points) }}
<td><meter min="0" max="{{ t.points }}" value="{{ t.mean }}">{{ "%.2f"|format(t.mean) }}</meter>
<td>{{ t.statuses or "none" }}</tr>
{% endfor %}
</table></div>
<div class="scroll"><table>
<caption>What went wrong, the commonest first</caption>
<tr><th>task<th>hint<th>students<th>name</tr>
{% for h in hints %}
<tr><td>{{ h.task }}<td>{{ h.id }}<td class="number">{{ h.count }}<td>{{ h.name }}</tr>
{% endfor %}
</table></div>
<div class="scroll"><table>
<caption>Students</caption>
<tr><th>student{% for t in tasks %}<th>{{ t.name }}{% endfor %}<th>sum</tr>
{% for s in scores %}
<tr><th scope="row">{{ s.student }}{% for c in s.cells %}<td class="number">{{ c }}{% endfor %}
<td class="number">{{ "%g"|format(s.sum) }}</tr>
{% endfor %}
</table></div>
</html>
"""


def page(rows: Sequence[Row]) -> str:
    """The report of these rows of grades.csv."""
    names = list(dict.fromkeys(r.task for r in rows))
    students = list(dict.fromkeys(r.student for r in rows))
    by = {(r.student, r.task): r for r in rows}
    scores = []
    for student in students:
        mine = [by[student, name] for name in names if (student, name) in by]
        scores.append(
            {
                "student": student,
                "cells": [_cell(r) for r in mine],
                "sum": sum(r.score for r in mine),
            }
        )
    return (
        Environment(autoescape=True)
        .from_string(PAGE)
        .render(
            students=len(students),
            tasks=[_task(name, [r for r in rows if r.task == name]) for name in names],
            hints=_hints(rows),
            scores=scores,
        )
    )


def _cell(row: Row) -> str:
    return f"{row.score:g}" if row.status == "graded" else f"{row.score:g} {row.status}"


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


def _hints(rows: Sequence[Row]) -> list[dict[str, object]]:
    counted = Counter((r.task, r.hints[0]) for r in rows if r.hints)
    named = {(task, m.id): m.name for task, _ in counted for m in get_task(task).misconceptions}
    return [
        {"task": task, "id": id, "count": count, "name": named.get((task, id), "")}
        for (task, id), count in counted.most_common()
    ]
