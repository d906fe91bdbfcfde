"""JupyterLite in the built book: a notebook done there, kept there, graded as from JupyterLab."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.build import EXERCISES, ROOT
from autograder.tasks import all_tasks
from benchmarks.browser import HTML, answer_of, open_lite, outputs, passed, run_all, set_answer

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("site_with_python")]

NOTEBOOKS = sorted(path.name for path in EXERCISES.glob("*.ipynb"))
SMALL, TASK = "ch00_warmup.ipynb", "square_backward"
SHOW = """\
from IPython.display import display
from figures.ch05_dy import influence
from figures.notebook import poll

display(influence(), poll("poll-2"))
"""


def tasks_of(notebook: str) -> list[str]:
    chapter = notebook.split("_")[0]
    return [task.name for task in all_tasks().values() if task.chapter == chapter]


@pytest.fixture
def page(browser: Any, site: str) -> Iterator[Any]:
    """A page of a fresh browser; all that it asks for must come from the site."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    wrong: list[str] = []
    context.on(
        "request",
        lambda r: r.url.startswith((site, "data:", "blob:")) or wrong.append(f"elsewhere: {r.url}"),
    )
    context.on("response", lambda r: r.status >= 400 and wrong.append(f"{r.status} {r.url}"))
    yield context.new_page()
    context.close()
    assert wrong == []


def save(page: Any) -> None:
    page.evaluate("async () => { await window.jupyterapp.commands.execute('docmanager:save') }")


def graded(notebook: Path) -> dict[str, Any]:
    """The tasks' rows as the class's grader has them."""
    from autograder.submission import rebuild, template
    from autograder.verdict import verdict

    cells = rebuild(template(EXERCISES / notebook.name), notebook.read_bytes())
    return verdict(cells, seed=1)["tasks"]


def test_a_notebook_is_done_kept_and_graded(page: Any, site: str, tmp_path: Path) -> None:
    open_lite(page, site, SMALL)
    set_answer(page, TASK, answer_of(TASK))
    said = run_all(page, lambda said: TASK in said)
    assert passed(said[TASK]), said[TASK]
    save(page)
    with page.expect_download() as downloading:
        page.evaluate("() => { window.jupyterapp.commands.execute('docmanager:download') }")
    downloaded = tmp_path / SMALL
    downloading.value.save_as(downloaded)

    open_lite(page, site, SMALL)  # another visit
    assert passed(outputs(page)[TASK])

    from_lab = nbformat.read(EXERCISES / SMALL, as_version=4)
    for cell in from_lab.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == f"{TASK}-answer":
            cell.source = answer_of(TASK)
    (tmp_path / "lab").mkdir()
    nbformat.write(from_lab, tmp_path / "lab" / SMALL)
    rows = graded(downloaded)
    assert rows == graded(tmp_path / "lab" / SMALL)
    assert rows[TASK]["score"] == all_tasks()[TASK].points


def test_the_editors_code_is_carried_over(page: Any, site: str) -> None:
    page.goto(f"{site}404.html")
    key = f"{site[site.index('/', 8) :]}code/{TASK}"
    page.evaluate("([k, v]) => localStorage.setItem(k, v)", [key, answer_of(TASK)])
    open_lite(page, site, SMALL, carry=TASK)
    page.wait_for_function("() => document.documentElement.dataset.carried !== undefined")
    assert page.evaluate("() => document.documentElement.dataset.carried") == TASK
    source = page.evaluate(
        """(id) => { const cells = window.jupyterapp.shell.currentWidget.content.model.cells;
          for (let k = 0; k < cells.length; k++)
            if (cells.get(k).getMetadata('nbgrader')?.grade_id === id)
              return cells.get(k).sharedModel.source; }""",
        f"{TASK}-answer",
    )
    assert source == answer_of(TASK)
    assert "carry" not in page.url


def test_every_notebook_has_its_button(site: str) -> None:
    for name in NOTEBOOKS:
        text = (HTML / "book" / "exercises" / name.replace(".ipynb", ".html")).read_text()
        assert f'href="../../lite/notebooks/index.html?path={name}"' in text
        assert (HTML / "lite" / "files" / name).read_bytes() == (EXERCISES / name).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_every_notebook_with_the_model_answers(page: Any, site: str, notebook: str) -> None:
    open_lite(page, site, notebook)
    for task in tasks_of(notebook):
        set_answer(page, task, answer_of(task))
    wanted = tasks_of(notebook)
    said = run_all(page, lambda said: set(wanted) <= set(said), most=900)
    assert [task for task in wanted if not passed(said[task])] == []


def show_figure_and_poll(page: Any) -> None:
    """Run SHOW in a new first cell and use what it shows, by the keyboard."""
    page.evaluate(
        """(code) => {
          const panel = window.jupyterapp.shell.currentWidget;
          panel.content.model.sharedModel.insertCell(0, { cell_type: 'code', source: code });
          panel.content.activeCellIndex = 0;
          window.jupyterapp.commands.execute('notebook:run-cell');
        }""",
        SHOW,
    )
    figure = page.locator("step-figure")
    figure.locator("input").wait_for(timeout=120_000)
    page.wait_for_function("() => customElements.get('step-figure')")
    figure.locator("input").focus()
    page.keyboard.press("ArrowRight")
    assert figure.get_attribute("data-step") == "1"
    poll = page.locator("choice-poll")
    poll.locator("input").first.check()
    poll.get_by_role("button", name="Check").click()
    assert poll.get_attribute("data-state") in ("right", "wrong")


@pytest.mark.slow
def test_figures_and_polls_in_jupyterlite(page: Any, site: str) -> None:
    open_lite(page, site, SMALL)
    show_figure_and_poll(page)


@pytest.mark.slow
def test_figures_and_polls_in_jupyterlab(browser: Any, site: str, tmp_path: Path) -> None:
    """As `make lab` starts it, in a folder of its own."""
    import os
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / SMALL).write_bytes((EXERCISES / SMALL).read_bytes())
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--expose-app-in-browser"]
    command += [f"--port={port}", "--IdentityProvider.token=", "--allow-root"]
    paths = os.pathsep.join(map(str, (ROOT, ROOT / "book")))
    server = subprocess.Popen(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": paths, "JUPYTER_CONFIG_DIR": str(tmp_path / "config")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        elsewhere: list[str] = []
        context.on(
            "request",
            lambda r: r.url.startswith((address, "data:", "blob:")) or elsewhere.append(r.url),
        )
        page = context.new_page()
        _goto_when_up(page, f"{address}/lab/tree/{SMALL}")
        page.wait_for_function(
            "() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.isReady",
            timeout=120_000,
        )
        show_figure_and_poll(page)
        assert elsewhere == []
        context.close()
    finally:
        server.terminate()
        server.wait(20)


def _goto_when_up(page: Any, address: str) -> None:
    from playwright.sync_api import Error

    for _ in range(120):
        try:
            page.goto(address)
            return
        except Error:
            time.sleep(0.5)
    raise TimeoutError(address)
