"""The house: who may import whom, and one chapter number through all rooms."""

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from autograder.build import EXERCISES, ROOT, chapters, instructor_notebook, split_at_docstring
from autograder.tasks import all_tasks

HEAVY = {"numba", "nbgrader", "sphinx", "jupytext", "nbformat", "IPython", "matplotlib", "scipy"}


def imported(path: Path) -> set[str]:
    """The full names of the modules that a file imports."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return names


def roots(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported(path)}


def files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("path", files("solutions"), ids=lambda p: str(p.relative_to(ROOT)))
def test_solutions_import_nothing_above_them(path):
    assert not roots(path) & {"autograder", "figures", "tests", "nbgrader"}


@pytest.mark.parametrize("path", files("solutions/chapters"), ids=lambda p: p.name)
def test_model_answers_import_only_numpy(path):
    assert roots(path) <= {"numpy"}


@pytest.mark.parametrize("path", files("autograder"), ids=lambda p: str(p.relative_to(ROOT)))
def test_autograder_imports_no_tests_and_no_pages(path):
    assert not roots(path) & {"tests", "figures"}


@pytest.mark.parametrize("path", files("autograder/styles"), ids=lambda p: p.name)
def test_other_styles_know_nothing_of_the_judge(path):
    assert not roots(path) & {"autograder", "solutions"}


def test_nothing_of_the_course_is_imported_on_the_learners_side():
    for name in ("nursery.py", "learner.py", "confine.py", "layers.py", "wire.py"):
        assert not roots(ROOT / "autograder" / "isolation" / name) & {"autograder", "solutions"}


def test_check_imports_nothing_heavy_and_judges_without_numba():
    """`from autograder import check` is a notebook's first line, in the browser too."""
    code = (
        "import sys; from autograder import judge; from autograder.tasks import all_tasks; "
        "[judge(name, task.solution) for name, task in all_tasks().items()]; "
        "print(' '.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {name.split(".")[0] for name in done.stdout.split()} & HEAVY


@pytest.mark.parametrize("chapter", list(chapters()))
def test_one_chapter_number_leads_through_all_rooms(chapter):
    stem = chapters()[chapter].stem
    for room in (
        f"book/chapters/{stem}.md",
        f"book/exercises/{stem}.ipynb",
        f"solutions/chapters/{stem}.py",
        f"autograder/tasks/{stem}.py",
        f"autograder/styles/{stem}.py",
    ):
        assert (ROOT / room).exists(), room


def toc_files() -> list[str]:
    return re.findall(r"(?:file|root): *(\S+)", (ROOT / "_toc.yml").read_text())


@pytest.mark.parametrize("entry", toc_files())
def test_every_toc_entry_is_there(entry):
    assert any((ROOT / f"{entry}{ending}").exists() for ending in (".md", ".ipynb"))


def test_every_page_is_in_the_toc():
    pages = {
        str(p.relative_to(ROOT).with_suffix(""))
        for ending in ("md", "ipynb")
        for p in (ROOT / "book").rglob(f"*.{ending}")
        if "node_modules" not in p.parts and "vendor" not in p.parts
    }
    assert pages == set(toc_files())


def telling_parts() -> list[tuple[str, str]]:
    """What gives a model answer away: its long lines; of a short one, all of its lines together."""
    found = []
    for task in all_tasks().values():
        _, body = split_at_docstring(inspect.getsource(task.solution))
        lines = [" ".join(line.split("#")[0].split()) for line in body.splitlines()]
        telling = [line for line in lines if len(line) >= 34]
        found += [(task.name, part) for part in telling or [" ".join(lines)]]
    return found


def texts() -> list[Path]:
    sources = [*(ROOT / "book").glob("*/*.md"), *(ROOT / "book").glob("*.md")]
    sources += [*EXERCISES.glob("*.ipynb"), *(ROOT / "autograder" / "source").glob("*.md")]
    built = (ROOT / "_build" / "html").rglob("*.html")
    return [*sources, *built, *(ROOT / "_build" / "html").rglob("*.ipynb")]


def test_no_page_and_no_notebook_shows_a_model_answer():
    telling = telling_parts()
    assert len({name for name, _ in telling}) == len(all_tasks())
    for path in texts():
        text = (
            re.sub(r"<[^>]*>", "", path.read_text()) if path.suffix == ".html" else path.read_text()
        )
        text = " ".join(text.replace("&lt;", "<").replace("&gt;", ">").replace("\\n", " ").split())
        for name, line in telling:
            assert line not in text, f"{path.relative_to(ROOT)} shows a line of {name}: {line}"


@pytest.mark.parametrize("chapter", list(chapters()))
def test_points_in_the_notebook_are_the_tasks_points(chapter):
    notebook = instructor_notebook(chapters()[chapter])
    points = {
        c.metadata.nbgrader.grade_id: c.metadata.nbgrader.points
        for c in notebook.cells
        if c.metadata.get("nbgrader", {}).get("grade")
    }
    assert points == {t.name: t.points for t in all_tasks().values() if t.chapter == chapter}


def test_requirements_pin_everything_in_one_lock():
    locked = {
        re.split(r"[=<>@ ]", line)[0].lower().replace("_", "-")
        for line in (ROOT / "requirements.lock").read_text().splitlines()
        if line and not line.startswith("#")
    }
    for line in (ROOT / "requirements.txt").read_text().splitlines():
        name = re.split(r"[=<>@ #]", line)[0].lower()
        if name and not name.startswith("-"):
            assert name in locked, name
    for line in (ROOT / "requirements.lock").read_text().splitlines():
        assert not line or line.startswith("#") or "==" in line, line


def test_config_has_one_repository_url():
    config = yaml.safe_load((ROOT / "_config.yml").read_text())
    assert config["repository"]["url"].startswith("https://")
