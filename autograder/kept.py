"""Scores that stay though a changed task would give less: OUT/kept/<student>/<chapter>.json.

`regrade` stores them for a student's own answers: another student who hands in the same ones, or
the same student with others, gets what they are worth now.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.build import write_if_changed
from autograder.records import content_of
from autograder.submission import Cell


def store(out: Path, student: str, chapter: str, content: str, scores: Mapping[str, float]) -> None:
    """Keep these scores, {task: points}, for answers of this content."""
    kept = {name: {"score": score, "content": content} for name, score in scores.items()}
    text = json.dumps({**_read(out, student, chapter), **kept}, indent=1)
    write_if_changed(_place(out, student, chapter), text)


def forget(out: Path, student: str, chapter: str) -> None:
    """What the answers are worth now counts from here on."""
    _place(out, student, chapter).unlink(missing_ok=True)


def apply(
    out: Path, student: str, chapter: str, cells: Sequence[Cell], made: Mapping[str, Any]
) -> dict[str, Any]:
    """The verdict with the scores that stay, each beside what it would be: `kept`."""
    tasks, outputs = dict(made["tasks"]), dict(made["outputs"])
    for name, stays in _read(out, student, chapter).items():
        row = tasks.get(name)
        if row is None or stays["content"] != content_of(cells) or stays["score"] <= row["score"]:
            continue
        tasks[name] = {**row, "score": stays["score"], "kept": row["score"]}
        check = next(c.id for c in cells if c.kind == "check" and c.name == name)
        outputs[check] = _outputs(tasks[name])
    return {**made, "tasks": tasks, "outputs": outputs}


def _read(out: Path, student: str, chapter: str) -> dict[str, dict[str, Any]]:
    place = _place(out, student, chapter)
    return dict(json.loads(place.read_text())) if place.exists() else {}


def _place(out: Path, student: str, chapter: str) -> Path:
    return out / "kept" / student / f"{chapter}.json"


def _outputs(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The check cell's outputs when an earlier score stays."""
    said = f"The earlier score stays: graded anew, it would be {row['kept']:g}.\n"
    value = {"text/plain": repr(float(row["score"]))}
    return [
        {"output_type": "stream", "name": "stdout", "text": said},
        {"output_type": "execute_result", "data": value, "metadata": {}, "execution_count": None},
    ]
