"""The lint: silent on the book's own notebooks, and each kind of trouble is named."""

from dataclasses import replace

import nbformat
import pytest

from autograder import build as builder
from autograder.__main__ import main
from autograder.build import build, chapters, instructor_notebook, variant_notebook
from autograder.lint import PLACEHOLDER, lint, lint_notebook, lint_tasks, notes
from autograder.tasks import all_tasks

STEM = chapters()["ch05"].stem


def notebook():
    return instructor_notebook(chapters()["ch05"])


def cell_of(made, grade_id):
    return next(c for c in made.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def messages(made):
    return "\n".join(f"{f.cell}: {f.message}" for f in lint_notebook(STEM, made))


def test_the_books_own_notebooks_and_tasks_are_clean(capsys):
    assert lint() == []
    assert main(["lint"]) == 0 and capsys.readouterr().out == ""


def test_variants_are_clean():
    assert lint_notebook(STEM, variant_notebook(STEM, 3)) == []


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("assert inspect.getsource(conv_dy_flip)", "judge what comes back"),
        ("with mock.patch('numpy.einsum'): conv_dy_flip(dz, w)", "judge by work done"),
        ("assert isinstance(conv_dy_flip, Layer)", "does not cross to the learner's process"),
        ("!pytest", "shell and IPython commands"),
        ("del conv_dy_scatter", "in another process"),
        ("import subprocess", "no processes, no network"),
        ("x = np.load('x.npy')", "no files but the notebook"),
        ("### BEGIN HIDDEN TESTS\nassert f(2)", "hidden tests are not needed"),
        ("assert conv_dy_flip(dz, w).sum() == 3", "only such cells can be graded"),
        ("check(conv_dy_flip, name)", "only such cells can be graded"),
        ("def (", "only such cells can be graded"),
        ('check(conv_dy_flip, "conv_dy_scatter")', "checks 'conv_dy_scatter' under"),
    ],
)
def test_test_cells_that_cannot_be_graded_are_named(source, message):
    made = notebook()
    cell_of(made, "conv_dy_flip").source = source
    assert f"conv_dy_flip: {message}" in messages(made) or message in messages(made)


def test_points_that_do_not_add_up():
    made = notebook()
    cell_of(made, "conv_dy_flip").metadata.nbgrader.points = 5
    assert "has 5 points; the task's properties add up to 6" in messages(made)
    made = notebook()
    made.cells[0].source = made.cells[0].source.replace("2, 4, 6 and 6", "2, 4, 6 and 7")
    assert "the text says 2, 4, 6 and 7 points" in messages(made)


def test_missing_doubled_and_misplaced_cells():
    made = notebook()
    made.cells.remove(cell_of(made, "conv_dy_flip-answer"))
    assert "task conv_dy_flip has no answer cell" in messages(made)
    made = notebook()
    made.cells.append(cell_of(made, "conv_dy_flip").copy())
    assert "grade ids are there twice: conv_dy_flip" in messages(made)
    made = notebook()
    answer = cell_of(made, "conv_dy_flip-answer")
    made.cells.remove(answer)
    made.cells.append(answer)
    assert "the check of conv_dy_flip comes before its answer cell" in messages(made)
    made = notebook()
    cell_of(made, "conv_dy_flip").metadata.nbgrader.grade_id = "other"
    assert "its grade id 'other' is no task of this chapter" in messages(made)


def test_leaks_are_named():
    made = notebook()
    made.cells[
        1 + next(k for k, c in enumerate(made.cells) if c.cell_type == "markdown")
    ].source += "\nsegment = padded[:, :, r : r + KH, c : c + KW]"
    assert "shows a line of the model answer of conv_dy_flip" in messages(made)
    made = notebook()
    cell_of(made, "setup").source += "\nfrom solutions import conv_backward"
    assert "imports the reference package" in messages(made)
    made = notebook()
    cell_of(made, "conv_dy_flip").outputs = [nbformat.v4.new_output("stream", text="6.0")]
    assert "has outputs" in messages(made)


def test_given_code_that_asks_for_what_is_not_there():
    made = notebook()
    cell_of(made, "setup").source += "\ndata = open('data.csv').read()"
    assert "no files but the notebook" in messages(made)


def test_tasks_without_properties_points_or_hints():
    task = all_tasks()["conv_dw"]
    first = task.properties[0]
    broken = [
        replace(task, properties=()),
        replace(task, properties=(first,)),
        replace(task, properties=(replace(first, points=0.0), first)),
        replace(task, misconceptions=(), examples=()),
    ]
    told = [f.message for t in broken for f in lint_tasks([t])]
    assert told == [
        "has no properties: nothing can be scored",
        "has one property: it is all or nothing",
        "has a property without points",
        "has no example to show when it fails",
        "knows no misconception: no hint can name one",
    ]


def test_lint_reads_a_courses_own_notebooks(tmp_path, capsys):
    with pytest.raises(ValueError, match="holds no source"):
        lint(tmp_path)
    made = notebook()
    cell_of(made, "conv_dy_flip").source = "assert True"
    (tmp_path / "source" / "ch05").mkdir(parents=True)
    nbformat.write(made, tmp_path / "source" / "ch05" / f"{STEM}.ipynb")
    assert main(["lint", "--course", str(tmp_path)]) == 1
    assert "only such cells can be graded" in capsys.readouterr().out


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of one small chapter, of somebody who has a fork."""
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "ch06_dw.md").write_text(chapters()["ch06"].read_text())
    monkeypatch.setattr(builder, "SOURCE", tmp_path / "text")
    monkeypatch.setattr(builder, "repository_url", lambda: "https://example.org/fork")
    build(tmp_path / "course", exercises=None)
    return tmp_path / "course"


def test_a_course_as_it_was_built_has_nothing_to_tell(course, capsys):
    assert notes(course) == []
    assert main(["lint", "--course", str(course)]) == 0 and capsys.readouterr().out == ""


def test_an_install_cell_that_fetches_from_the_placeholder_is_told(course, monkeypatch, capsys):
    monkeypatch.setattr(builder, "repository_url", lambda: f"{PLACEHOLDER}cnn-backprop")
    assert main(["build", "--course", str(course)]) == 0, "it is no finding"
    said = capsys.readouterr().out
    assert "note: the install cell" in said and "change repository.url in _config.yml" in said
    assert main(["lint", "--course", str(course)]) == 0
    assert "change repository.url" in capsys.readouterr().out


@pytest.mark.parametrize("where", ["text", "statement"])
def test_a_notebook_edited_by_hand_is_told_and_whether_the_released_one_comes_from_it(
    course, where, capsys
):
    source = course / "source/ch06/ch06_dw.ipynb"
    made = nbformat.read(source, as_version=4)
    cell = made.cells[0] if where == "text" else cell_of(made, "conv_dw-answer")
    head, mark, rest = cell.source.partition('"""')
    cell.source = f"{head}{mark}My own words. {rest}"
    nbformat.write(made, source)
    assert main(["lint", "--course", str(course)]) == 0
    said = capsys.readouterr().out
    assert f"note: {source} was edited by hand" in said and "does not come from it" in said
    builder.generate_release(course, "ch06")
    (told,) = notes(course)
    assert "the released notebook comes from it" in told
    assert "My own words" in (course / "release/ch06/ch06_dw.ipynb").read_text()
