"""The editor in a reader's browser: wrong and right, Run, Stop, keyboard, what is kept."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.browser import answer_of, editor_of, press, violations, write

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("site_with_python")]

ROOT = Path(__file__).resolve().parents[2]
CHAPTER = "book/chapters/ch05_dy.html"
TASK = "conv_dy_flip"
RIGHT = answer_of(TASK)
WRONG = RIGHT.replace("w[:, :, ::-1, ::-1]", "w")
EDITORS = [
    (f"book/chapters/{path.stem}.html", task)
    for path in sorted((ROOT / "book" / "chapters").glob("ch*.md"))
    for names in re.findall(r":::\{editor\} (.*)", path.read_text())
    for task in names.split()
]


@pytest.fixture
def editor(chapter: Any) -> Any:
    return editor_of(chapter)


def test_a_wrong_and_the_right_answer(editor: Any) -> None:
    asked: list[str] = []
    editor.page.on("request", lambda request: asked.append(request.url))
    write(editor, TASK, WRONG)
    editor.page.wait_for_timeout(500)
    assert not [url for url in asked if "pyodide" in url], "Python starts at the first click"
    assert press(editor, "Check") < 60
    assert editor.get_attribute("data-score") == "0 of 6"
    report = editor.locator(".result").inner_text()
    assert "✗ one map" in report
    assert "Through which weight does dz[0, 0] reach dy[0, 0]" in report
    assert editor.locator(".result [role=img] svg").count() == 3
    assert violations(editor.page, "code-editor") == []
    write(editor, TASK, RIGHT)
    assert press(editor, "Check") < 10
    assert editor.get_attribute("data-score") == "6 of 6"
    assert editor.locator("output").inner_text().startswith("6 of 6 points")
    press(editor, "Run")
    assert "returns\n[[[[1. 2.]" in editor.locator(".printed").inner_text()

    write(editor, TASK, "while True:\n    pass\n")
    editor.get_by_role("button", name="Run", exact=True).click()
    editor.page.wait_for_timeout(1000)
    started = time.perf_counter()
    editor.get_by_role("button", name="Stop", exact=True).click()
    editor.page.wait_for_function(
        "(e) => e.dataset.state === 'stopped'", arg=editor.element_handle()
    )
    assert time.perf_counter() - started < 2
    write(editor, TASK, RIGHT)
    press(editor, "Check")
    assert editor.get_attribute("data-score") == "6 of 6"


def test_the_code_is_kept_and_can_be_thrown_away(editor: Any) -> None:
    page = editor.page
    write(editor, TASK, "x = 1\n")
    page.wait_for_timeout(500)
    page.reload()
    editor = editor_of(page)
    assert "scatter" in editor.locator(".cm-content").inner_text(), "each function has its own code"
    editor.locator("select").select_option(TASK)
    assert editor.get_by_label(f"Your code for {TASK}").inner_text().strip() == "x = 1"
    page.once("dialog", lambda dialog: dialog.dismiss())
    editor.get_by_role("button", name="Start over").click()
    assert editor.locator(".cm-content").inner_text().strip() == "x = 1"
    page.once("dialog", lambda dialog: dialog.accept())
    editor.get_by_role("button", name="Start over").click()
    assert "raise NotImplementedError" in editor.locator(".cm-content").inner_text()


def test_the_keyboard_gets_in_and_out(editor: Any) -> None:
    page = editor.page
    editor.locator("select").focus()
    names = []
    for _ in range(6):
        page.keyboard.press("Tab")
        names.append(
            page.evaluate(
                "() => document.activeElement.ariaLabel ?? document.activeElement.textContent"
            )
        )
    assert names == [
        "Your code for conv_dy_scatter", "Check", "Run", "Stop", "Start over", "Open as notebook",
    ]  # fmt: skip
    content = editor.locator(".cm-content")
    content.focus()
    page.keyboard.press("ControlOrMeta+End")
    page.keyboard.type("\nif True:\n1")
    assert content.inner_text().rstrip().endswith("if True:\n    1")


@pytest.mark.parametrize("scheme", [pytest.param("light", marks=pytest.mark.slow), "dark"])
def test_the_editor_can_be_read(open_page: Callable[..., Any], scheme: str) -> None:
    page = open_page(CHAPTER, color_scheme=scheme, viewport={"width": 390, "height": 844})
    editor = editor_of(page)
    assert violations(page, "code-editor") == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    colour = editor.evaluate("(e) => getComputedStyle(e.querySelector('.cm-content')).color")
    assert colour == ("rgb(28, 32, 38)" if scheme == "light" else "rgb(233, 236, 240)")


def test_without_javascript_the_statement_stands_there(open_page: Callable[..., Any]) -> None:
    page = open_page(CHAPTER, java_script_enabled=False)
    editor = page.locator("code-editor")
    assert "def conv_dy_scatter(dz, w):" in editor.locator("pre").inner_text()
    assert editor.locator("button:visible, select:visible").count() == 0
    assert editor.get_by_role("link", name="Open as notebook").is_visible()


def test_a_book_without_python_says_so(browser: Any, site: str) -> None:
    context = browser.new_context()
    context.route("**/pyodide/**", lambda route: route.fulfill(status=404))
    page = context.new_page()
    page.goto(site + CHAPTER)
    editor = editor_of(page)
    press(editor, "Check")
    assert editor.get_attribute("data-state") == "failed"
    assert "Python is not part of this copy of the book" in editor.locator("output").inner_text()
    context.close()


@pytest.mark.slow
@pytest.mark.parametrize(("name", "task"), EDITORS)
def test_every_editor_of_the_book(open_page: Callable[..., Any], name: str, task: str) -> None:
    editor = editor_of(open_page(name))
    press(editor, "Check")
    assert editor.get_attribute("data-score").startswith("0 of ")
    write(editor, task, answer_of(task))
    press(editor, "Check")
    got, points = editor.get_attribute("data-score").split(" of ")
    assert got == points
