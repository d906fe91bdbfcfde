"""One submission's verdict: run its cells in a process of their own, judge its functions here.

`verdict` is a function of the cells, the seed and the limits; it writes no file.
"""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import autograder
import solutions
from autograder.build import write_if_changed
from autograder.isolation.session import Limits, Session, limits_as_dict
from autograder.judge import judge
from autograder.submission import Cell, digest
from autograder.tasks import all_tasks, get_task
from autograder.variants import asked

# What the outputs of all of a submission's cells may fill: characters of text, of PNG, and pictures.
MOST_TEXT, MOST_PNG, MOST_PICTURES = 500_000, 4 << 20, 200


def verdict(cells: list[Cell], seed: int, limits: Limits | None = None) -> dict[str, Any]:
    """{"outputs": {cell id: notebook outputs}, "tasks": {name: score, points, status, hints},
    "failed": {cell id: the class of the error that it ended with}}.
    """
    outputs: dict[str, list[dict[str, Any]]] = {}
    left = {"text": MOST_TEXT, "png": MOST_PNG, "pictures": MOST_PICTURES}
    tasks: dict[str, dict[str, Any]] = {}
    failed: dict[str, str] = {}
    names = [cell.name for cell in cells if cell.kind == "check"]
    theirs = False  # whether something of the learner's has run
    with Session(limits, get_task(names[0]).chapter if names else "") as session:
        for cell in cells:
            if cell.kind in ("given", "answer", "added"):
                theirs = theirs or cell.kind != "given"
                answer = session.run(cell.source, defines=cell.name.removesuffix("-answer"))
                if "error" in answer and not theirs:  # a verdict on it would be one on us
                    raise RuntimeError(f"cell {cell.id} of the release failed: {answer['error']}")
                outputs[cell.id] = _cell_outputs(answer, left)
                if "error" in answer:
                    failed[cell.id] = answer["error"]["class"]
            elif cell.kind == "check":
                tasks[cell.name], outputs[cell.id] = _check(
                    session, asked(cell.name, cell.source), seed
                )
    return {"outputs": outputs, "tasks": tasks, "failed": failed}


def _check(session: Session, name: str, seed: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    task = get_task(name)
    function = session.function(task.through or task.name)
    report = judge(name, function, seed=seed, level="grade").public()
    picture = report.picture()
    row = {
        "asked": name,
        "score": report.score,
        "points": report.points,
        "status": report.status,
        "hints": list(report.hints),
        "properties": [[p.name, p.points, p.passed, p.message[:500]] for p in report.properties],
        "example": report.example_text(),
        "picture": picture,
        "hint": report.found[0].text if report.found else "",
    }
    drawn = [_html(picture)] if picture else []
    return row, [_stream(report.text() + "\n"), *drawn, _value(repr(report.score))]


def _cell_outputs(answer: dict[str, Any], left: dict[str, int]) -> list[dict[str, Any]]:
    """What the learner's cell printed and drew, as notebook outputs: text and PNG only.

    `left` counts down what a whole submission may fill.
    """
    text = answer["text"][: left["text"]]
    left["text"] -= len(text)
    outputs = [_stream(text)] if text else []
    for png in answer["png"]:
        if len(png) <= left["png"] and left["pictures"]:
            left["png"], left["pictures"] = left["png"] - len(png), left["pictures"] - 1
            drawn = {"image/png": png}
            outputs.append({"output_type": "display_data", "data": drawn, "metadata": {}})
    error = answer.get("error")
    if error is not None and error["class"] in ("Timeout", "Ended"):  # else it was printed
        outputs.append(_stream(error["message"] + "\n"))
    return outputs


def _stream(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def _html(text: str) -> dict[str, Any]:
    """The error map, drawn on this side: numbers only, nothing that a learner wrote."""
    return {"output_type": "display_data", "data": {"text/html": text}, "metadata": {}}


def _value(text: str) -> dict[str, Any]:
    """The last line's value: a plain float, which nbgrader takes as the score."""
    return {
        "output_type": "execute_result",
        "data": {"text/plain": text},
        "metadata": {},
        "execution_count": None,
    }


def blank_tasks(names: list[str], status: str) -> dict[str, dict[str, Any]]:
    """Rows for tasks that could not be judged at all (missing, unreadable)."""
    return {
        name: {"score": 0.0, "points": get_task(name).points, "status": status, "hints": []}
        for name in names
    }


def stored_verdict(
    folder: Path, cells: list[Cell], seed: int, limits: Limits | None = None
) -> dict[str, Any]:
    """The verdict from `folder` if it was made before with the same code and settings.

    Otherwise it is made, and stored whole. Stored verdicts make `--resume` and let nbgrader
    record what has been graded already.
    """
    path = folder / f"{result_key(cells, seed, limits)}.json"
    if path.exists():
        try:
            return dict(json.loads(path.read_text()))
        except ValueError:
            pass  # the machine went down while it was written
    made = verdict(cells, seed, limits)
    write_if_changed(path, json.dumps(made, indent=1))
    return made


def result_key(cells: list[Cell], seed: int, limits: Limits | None) -> str:
    """The hash under which a verdict is stored."""
    points = {c.name: all_tasks()[c.name].points for c in cells if c.kind == "check"}
    return digest(cells, seed, limits_as_dict(limits or Limits()), points, code_digest())


@cache
def code_digest() -> str:
    """A hash of the judge's own sources: after a change of a task nothing stale is reused."""
    folders = [Path(package.__path__[0]) for package in (autograder, solutions)]
    files = sorted(path for folder in folders for path in folder.rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
