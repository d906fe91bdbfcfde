"""The released notebooks, run as a learner runs them: in a Jupyter kernel, from a clone."""

import re

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.build import EXERCISES, chapters
from autograder.demo import answer_source, solved
from autograder.tasks import all_tasks

CHAPTERS = pytest.mark.parametrize("chapter", list(chapters()))


def run(notebook, allow_errors=False):
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", allow_errors=allow_errors)
    client.execute(cwd=str(EXERCISES))
    return {
        cell.metadata.nbgrader.grade_id: cell.outputs
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }


def released(chapter):
    return nbformat.read(EXERCISES / f"{chapters()[chapter].stem}.ipynb", as_version=4)


def printed(outputs):
    """A report may arrive in pieces: the kernel sends what is there when it looks."""
    return "".join(o.text for o in outputs if o.output_type == "stream")


def score(outputs):
    (value,) = (o for o in outputs if o.output_type == "execute_result")
    return float(value.data["text/plain"])


def tasks_of(chapter):
    return {name: t for name, t in all_tasks().items() if t.chapter == chapter}


@CHAPTERS
def test_the_solved_notebook_gets_full_marks(chapter):
    tasks = tasks_of(chapter)
    answers = {name: answer_source(t.solution, t) for name, t in tasks.items()}
    outputs = run(solved(released(chapter), answers))
    assert {name: score(o) for name, o in outputs.items()} == {
        name: t.points for name, t in tasks.items()
    }
    for shown in outputs.values():
        assert not [o for o in shown if o.output_type == "stream" and o.name == "stderr"]


@CHAPTERS
def test_the_stub_gets_nothing_and_is_told_what_to_do(chapter):
    outputs = run(released(chapter))
    assert {score(o) for o in outputs.values()} == {0.0}
    for shown in outputs.values():
        assert "Replace `raise NotImplementedError`" in printed(shown)


@CHAPTERS
def test_a_wrong_answer_is_told_its_hint(chapter):
    name, task = [(n, t) for n, t in tasks_of(chapter).items() if not t.through][-1]
    from autograder.demo import wrong_source

    misconception = task.misconceptions[0]
    outputs = run(solved(released(chapter), {name: wrong_source(misconception, task)}))
    text = printed(outputs[name])
    assert " ".join(misconception.hint.split()) in " ".join(text.split())
    assert re.search(r"yours .+, expected .+", text)
