"""From text to notebooks: the same bytes each time, no solution left, errors that name the cell."""

import inspect
import json
import re

import nbformat
import pytest

from autograder import build as builder
from autograder.build import EXERCISES, build, chapters, instructor_notebook, split_at_docstring
from autograder.nbgrader_config import STUB
from autograder.tasks import all_tasks


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course that was built with a fresh gradebook."""
    folder = tmp_path_factory.mktemp("course")
    build(folder / "course", folder / "exercises")
    return folder


def test_released_notebooks_are_current(course):
    for path in (course / "exercises").glob("*.ipynb"):
        assert (EXERCISES / path.name).read_text() == path.read_text(), (
            f"{path.name} is stale: run `make notebooks`"
        )
    assert {p.name for p in EXERCISES.glob("*.ipynb")} == {
        p.name for p in (course / "exercises").glob("*.ipynb")
    }


def test_build_does_nothing_when_nothing_has_changed(course):
    assert build(course / "course", course / "exercises") == []


@pytest.mark.parametrize("path", sorted(EXERCISES.glob("*.ipynb")), ids=lambda p: p.name)
def test_released_notebooks_hold_stubs_and_no_solution(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    answers = 0
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None
        if cell.metadata.get("nbgrader", {}).get("solution"):
            answers += 1
            assert cell.source.endswith(f'"""\n    {STUB}')
    assert answers == len([t for t in all_tasks().values() if t.chapter == path.stem[:4]])
    assert not re.search("SOLUTION|HIDDEN", path.read_text())


@pytest.mark.parametrize("path", sorted(EXERCISES.glob("*.ipynb")), ids=lambda p: p.name)
def test_released_notebooks_import_only_what_the_browser_has(path):
    found = set()
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            found |= set(re.findall(r"^\s*(?:import|from) (\w+)", cell.source, re.M))
    assert found <= {"numpy", "matplotlib", "autograder"}


@pytest.mark.parametrize("path", list(chapters().values()), ids=lambda p: p.name)
def test_cell_ids_are_fixed_and_the_first_line_says_what_made_it(path):
    notebook = instructor_notebook(path)
    ids = [cell.id for cell in notebook.cells]
    assert ids == [f"{path.stem.replace('_', '-')}-{k:02d}" for k in range(len(ids))]
    assert notebook.cells[0].source.startswith("<!-- Generated from autograder/source/")


def test_docstrings_of_tasks_are_their_statements():
    for task in all_tasks().values():
        head, body = split_at_docstring(inspect.getsource(task.solution))
        assert "return" in body and head.rstrip().endswith('"""')
        assert "->" in head or "return" in head.lower(), "a statement says what comes out"


HEAD = "---\nkernelspec:\n  display_name: Python 3\n  name: python3\n---\n# Title\n\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("```{code-cell}\n:task: conv_dy_flop\n```\n", "did you mean conv_dy_flip"),
        ("```{code-cell}\n:task: conv_dy_flip\n\nx = 1\n```\n", "must hold nothing else"),
        ("```{code-cell}\n:check: conv_dy_flip\n```\n" * 2, "more than one cell for conv_dy_flip"),
    ],
)
def test_build_refuses_pointers_that_point_nowhere(tmp_path, text, message):
    path = tmp_path / "ch05_wrong.md"
    path.write_text(HEAD + text)
    with pytest.raises(ValueError, match=message):
        instructor_notebook(path)


def test_build_refuses_a_task_of_another_chapter(tmp_path):
    path = tmp_path / "ch06_wrong.md"
    path.write_text(HEAD + "```{code-cell}\n:task: conv_dy_flip\n```\n")
    with pytest.raises(ValueError, match="conv_dy_flip is a task of ch05"):
        instructor_notebook(path)


def test_write_if_changed_leaves_no_half_written_file(tmp_path, monkeypatch):
    path = tmp_path / "grades.csv"
    assert builder.write_if_changed(path, "old") and not builder.write_if_changed(path, "old")

    def full_disk(self, target):
        raise OSError("no space left")

    monkeypatch.setattr(builder.Path, "replace", full_disk)
    with pytest.raises(OSError, match="no space"):
        builder.write_if_changed(path, "new")
    assert path.read_text() == "old"


def test_notebook_text_is_json_with_sorted_keys(course):
    text = next((course / "exercises").glob("*.ipynb")).read_text()
    assert list(json.loads(text)) == ["cells", "metadata", "nbformat", "nbformat_minor"]


@pytest.mark.parametrize("path", chapters().values(), ids=lambda p: p.stem)
def test_a_call_that_is_commented_out_runs_without_its_first_two_characters(path):
    """As the line itself tells the learner to do."""
    lines = [line for cell in instructor_notebook(path).cells for line in cell.source.splitlines()]
    calls = [line for line in lines if "first two characters away" in line]
    for line in calls:
        assert line.startswith("# ")
        compile(line[2:], path.name, "exec")
