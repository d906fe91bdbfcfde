"""From text to notebooks: the same bytes each time, no solution left, errors that name the cell."""

import inspect
import json
import re

import nbformat
import pytest

from autograder import build as builder
from autograder.__main__ import main
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


@pytest.fixture
def one_chapter(tmp_path, monkeypatch):
    """(course, its source notebook, the chapter's text), of one small chapter."""
    text = tmp_path / "text" / chapters()["ch06"].name
    text.parent.mkdir()
    text.write_text(chapters()["ch06"].read_text())
    monkeypatch.setattr(builder, "SOURCE", text.parent)
    build(tmp_path / "course", exercises=None)
    return tmp_path / "course", tmp_path / "course/source/ch06" / f"{text.stem}.ipynb", text


def edit(path, added="A word of my own."):
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].source += f"\n{added}"
    nbformat.write(notebook, path)
    return path.read_text()


def test_a_notebook_edited_by_hand_stays_while_there_is_nothing_new(one_chapter):
    course, source, _ = one_chapter
    assert builder.edited_by_hand(course) == []
    mine = edit(source)
    assert build(course, exercises=None) == [] and source.read_text() == mine
    assert builder.edited_by_hand(course) == ["ch06/ch06_dw.ipynb"]


def test_build_refuses_to_replace_a_notebook_that_was_edited_by_hand(one_chapter):
    course, source, text = one_chapter
    mine = edit(source)
    text.write_text(text.read_text() + "\nSomething new.\n")
    with pytest.raises(ValueError, match=r"source/ch06/ch06_dw.ipynb.*autograder/source.*--force"):
        build(course, exercises=None)
    assert source.read_text() == mine


def test_force_replaces_edited_notebooks_and_loses_none(one_chapter, capsys):
    course, source, text = one_chapter
    first = edit(source)
    assert build(course, exercises=None, force=True) == ["ch06"]
    assert "A word of my own" not in source.read_text()
    second = edit(source, "Another one.")
    text.write_text(text.read_text() + "\nSomething new.\n")
    assert build(course, exercises=None, force=True) == ["ch06"]
    kept = [course / "edited/ch06" / name for name in ("ch06_dw.ipynb", "ch06_dw-2.ipynb")]
    assert [path.read_text() for path in kept] == [first, second]
    assert all(str(path) in capsys.readouterr().err for path in kept[1:])
    assert [p.name for p in (course / "release/ch06").iterdir()] == ["ch06_dw.ipynb"]
    assert build(course, exercises=None) == [] and builder.edited_by_hand(course) == []


def test_a_course_of_an_earlier_version_is_refreshed_and_what_it_held_is_kept(one_chapter):
    course, source, _ = one_chapter
    (course / builder.WRITTEN).unlink()
    assert build(course, exercises=None) == [] and not (course / "edited").exists()
    (course / builder.WRITTEN).unlink()
    mine = edit(source)
    assert build(course, exercises=None) == ["ch06"]
    assert (course / "edited/ch06/ch06_dw.ipynb").read_text() == mine


def test_running_a_source_notebook_is_no_edit(one_chapter):
    course, source, text = one_chapter
    notebook = nbformat.read(source, as_version=4)
    code = next(c for c in notebook.cells if c.cell_type == "code")
    code.outputs, code.execution_count = [nbformat.v4.new_output("stream", text="6.0")], 1
    notebook.metadata.language_info.version = "3.12"
    nbformat.write(notebook, source)
    assert builder.edited_by_hand(course) == []
    text.write_text(text.read_text() + "\nSomething new.\n")
    assert build(course, exercises=None) == ["ch06"] and not (course / "edited").exists()
    source.write_text("no notebook any more")
    assert builder.edited_by_hand(course) == ["ch06/ch06_dw.ipynb"]


def test_building_a_variant_says_which_chapters_stay_as_published(tmp_path, monkeypatch, capsys):
    for chapter in ("ch02", "ch05", "ch06"):
        (tmp_path / chapters()[chapter].name).write_text(chapters()[chapter].read_text())
    monkeypatch.setattr(builder, "SOURCE", tmp_path)
    words = ["build", "--course", str(tmp_path / "course")]
    main([*words, "--variant", "7"])
    said = capsys.readouterr().out
    assert "variant 7: ch05, ch06\n" in said
    assert "the published tasks, as they have no variants: ch02\n" in said
    main(words)
    assert "variant 7: ch05, ch06\n" in capsys.readouterr().out, "the course remembers it"
    main(["build", "--course", str(tmp_path / "other")])
    assert "variant" not in capsys.readouterr().out


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
