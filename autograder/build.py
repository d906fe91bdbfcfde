"""From text to notebooks: `autograder/source/chNN_*.md` -> nbgrader's source -> its release.

A source file holds prose and pointer cells, no code of a solution:

    :task: NAME    the model answer from solutions/chapters, its body between solution marks
    :check: NAME   the locked grade cell
    :given: ID     locked code of ours, the same for everybody
    (a code cell without a pointer is free: the learner's own)

nbgrader makes the release, with the solutions cut out; that is copied to book/exercises.
"""

import ast
import inspect
import logging
import os
import shutil
import sys
import textwrap
import warnings
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import yaml
from nbformat import NotebookNode

from autograder.task import Task
from autograder.tasks import get_task

ROOT = Path(__file__).parent.parent
SOURCE = Path(__file__).parent / "source"
EXERCISES = ROOT / "book" / "exercises"
COURSE = ROOT / "course"
FRESH = ".new"  # ends the name of a file that is still being written
SCHEMA = 3  # of nbgrader's cell metadata

CONFIG = """\
# Written by `python -m autograder build`: all settings are in autograder/nbgrader_config.py.
# Yours go below them: a penalty for late work, say.
from pathlib import Path

from autograder.nbgrader_config import configure

configure(get_config(), Path(__file__).parent)  # noqa: F821
"""

# Fetched from the repository where it is missing (Colab); does nothing in a clone.
INSTALL = """\
try:
    import autograder
except ModuleNotFoundError:  # Colab, or a Jupyter without the course
    %pip install --quiet "cnn-backprop @ git+{url}\""""


def chapters() -> dict[str, Path]:
    """{"ch05": the source file}, for every chapter with exercises."""
    return {path.stem.split("_")[0]: path for path in sorted(SOURCE.glob("ch*.md"))}


def instructor_notebook(path: Path) -> NotebookNode:
    """nbgrader's source notebook: with model answers, fixed cell ids and no outputs.

    Raises ValueError for a pointer cell that points nowhere, or for two cells with one name.
    """
    text = jupytext.read(path, fmt="md:myst")
    title, *rest = (_cell(cell, path) for cell in text.cells)
    if title.cell_type != "markdown":
        raise ValueError(f"{path.name}: the first cell must be text, with the title")
    note = f"<!-- Generated from autograder/source/{path.name}: edit that file, not this one. -->\n"
    title.source = note + title.source
    cells = [title, _install_cell(), *rest]
    for number, cell in enumerate(cells):
        cell["id"] = f"{path.stem.replace('_', '-')}-{number:02d}"
    names = [c.metadata.nbgrader.grade_id for c in cells if "nbgrader" in c.metadata]
    twice = {n for n in names if names.count(n) > 1}
    if twice:
        raise ValueError(f"{path.name}: more than one cell for {', '.join(sorted(twice))}")
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return nbformat.v4.new_notebook(
        cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}}
    )


def _cell(cell: NotebookNode, path: Path) -> NotebookNode:
    if cell.cell_type == "markdown":
        return nbformat.v4.new_markdown_cell(cell.source)
    pointers = [k for k in ("task", "check", "given") if k in cell.metadata]
    if not pointers:
        return nbformat.v4.new_code_cell(cell.source)
    name = str(cell.metadata[pointers[0]])
    if len(pointers) > 1 or (pointers[0] != "given" and cell.source.strip()):
        raise ValueError(f"{path.name}: the pointer cell of {name} must hold nothing else")
    if pointers[0] == "given":
        return _marked(cell.source, name, locked=True)
    try:
        task = get_task(name)
    except KeyError as error:
        raise ValueError(f"{path.name}: {error.args[0]}") from None
    if task.chapter != path.stem.split("_")[0]:
        raise ValueError(f"{path.name}: {name} is a task of {task.chapter}")
    if pointers[0] == "task":
        return _marked(solution_source(task), f"{name}-answer", solution=True)
    called = f'check({task.through or name}, "{name}")'
    return _marked(called, name, grade=True, locked=True, points=task.points)


def _marked(source: str, grade_id: str, **marks: Any) -> NotebookNode:
    """A code cell with nbgrader's metadata."""
    marks = {"grade": False, "locked": False, "solution": False, **marks}
    settings = {"grade_id": grade_id, "schema_version": SCHEMA, "task": False, **marks}
    return nbformat.v4.new_code_cell(source, metadata={"nbgrader": settings})


def _install_cell() -> NotebookNode:
    return _marked(INSTALL.format(url=repository_url()), "install", locked=True)


def repository_url() -> str:
    """The one line of _config.yml that a fork changes."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text())
    return str(config["repository"]["url"])


def solution_source(task: Task) -> str:
    """The model answer's source with everything below its docstring between solution marks."""
    source = textwrap.dedent(inspect.getsource(task.solution))
    head, body = split_at_docstring(source)
    return f"{head}\n    ### BEGIN SOLUTION\n{body}\n    ### END SOLUTION"


def split_at_docstring(source: str) -> tuple[str, str]:
    """A function's source up to its docstring, and the rest."""
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef) and ast.get_docstring(function)
    last = function.body[0].end_lineno
    assert last is not None
    lines = source.rstrip("\n").split("\n")
    return "\n".join(lines[:last]), "\n".join(lines[last:])


def text_of(notebook: NotebookNode) -> str:
    """The file's text: the same notebook gives the same bytes."""
    return f"{nbformat.writes(notebook)}\n"


def build(
    course: Path = COURSE,
    exercises: Path | None = EXERCISES,
    force: bool = False,
    wanted: Collection[str] | None = None,
) -> list[str]:
    """Make or refresh an nbgrader course; the chapters that were made anew.

    course/source, course/release, course/gradebook.db, course/nbgrader_config.py; with
    `exercises`, the released notebooks are copied there. Chapters whose source notebook is
    unchanged are left alone unless `force`. `wanted` names the chapters; all if it is None.
    """
    course.mkdir(parents=True, exist_ok=True)
    if not (course / "nbgrader_config.py").exists():  # what an instructor adds to it stays
        write_if_changed(course / "nbgrader_config.py", CONFIG)
    made = []
    for chapter, path in chapters().items():
        if wanted is not None and chapter not in wanted:
            continue
        text = text_of(instructor_notebook(path))
        release = course / "release" / chapter / f"{path.stem}.ipynb"
        changed = write_if_changed(course / "source" / chapter / f"{path.stem}.ipynb", text)
        if changed or force or not release.exists():
            generate_release(course, chapter)
            made.append(chapter)
        if exercises is not None:
            write_if_changed(exercises / release.name, released_text(release))
    return made


def released_text(release: Path) -> str:
    """nbgrader's release as the text that is committed."""
    return text_of(nbformat.read(release, as_version=4))


def write_if_changed(path: Path, text: str) -> bool:
    """Write the file whole or not at all; False when it holds this text already."""
    if path.exists() and path.read_text() == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{os.getpid()}{FRESH}")  # no two processes write the same one
    fresh.write_text(text)
    fresh.replace(path)
    return True


def generate_release(course: Path, chapter: str) -> None:
    """nbgrader's generate_assignment, in this process."""
    from nbgrader.converters import GenerateAssignment

    shutil.rmtree(course / "release" / chapter, ignore_errors=True)
    run_converter(GenerateAssignment, course, chapter)


def run_converter(converter: type, course: Path, chapter: str, **settings: dict[str, Any]) -> None:
    """One of nbgrader's converters on one chapter, with the course's own configuration.

    Raises nbgrader's NbGraderException when a notebook failed; the log of the converter is shown.
    """
    from nbgrader.coursedir import CourseDirectory
    from sqlalchemy.exc import SAWarning

    from autograder.nbgrader_config import course_config

    config = course_config(course)
    for section, values in settings.items():
        config[section].update(values)
    coursedir = CourseDirectory(config=config)
    coursedir.assignment_id = chapter
    running = converter(coursedir=coursedir, config=config)
    running.log = logging.getLogger("nbgrader")
    running.log.setLevel(logging.ERROR)
    with _environment_on_path(), warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", SAWarning
        )  # of nbgrader's own sessions, at every submission
        running.start()


@contextmanager
def _environment_on_path() -> Iterator[None]:
    """nbgrader calls alembic by name: the environment's programs must be on PATH."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before
