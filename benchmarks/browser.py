"""The built book as a reader's browser meets it: what it asks for, weighs, and how long it takes.

    python benchmarks/browser.py [--json] [--pages N]

editor_cold_s, editor_again_s   from the click on Check to the report, Python not started / started
lite_cold_s                     from opening a notebook in JupyterLite to a passed check
first_visit_gzip_kb             all that a chapter's page loads, gzipped as a server sends it
layout_shift                    the largest of any page while it loads (Chromium's own measure)
axe_own, axe_theme              violations that axe-core finds, light and dark, at 320, 768, 1280 px;
                                `theme`: those of THEME, which are the theme's and have a reason
external_requests               requests to any other host, of all that is done here

On localhost, in headless Chromium. With --json the last line is the summary.
"""

import argparse
import contextlib
import functools
import gzip
import http.server
import json
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
HTML = ROOT / "_build" / "html"
AXE = ROOT / "book" / "node_modules" / "axe-core" / "axe.min.js"
CHAPTER = "book/chapters/ch05_dy.html"
WIDTHS = (320, 768, 1280)
SCHEMES = ("light", "dark")
EDITOR_LIMIT, LITE_LIMIT, AGAIN_LIMIT = 15.0, 30.0, 1.0

ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
]

# What axe-core finds in the theme's own parts and why it stays: (rule, part of the selector, why).
THEME: tuple[tuple[str, str, str], ...] = ()


# ----- serving and browsing -----


@contextlib.contextmanager
def served(folder: Path = HTML) -> Iterator[str]:
    """The address of a folder's files."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


def pages(folder: Path = HTML) -> list[str]:
    """All pages of the book."""
    found = [*(folder / "book").rglob("*.html"), folder / "search.html", folder / "404.html"]
    return sorted(p.relative_to(folder).as_posix() for p in found if "_static" not in p.parts)


def watch(context: Any, site: str) -> list[str]:
    """The requests to other hosts, as they come."""
    elsewhere: list[str] = []

    def request(made: Any) -> None:
        if not made.url.startswith((site, "data:", "blob:")):
            elsewhere.append(made.url)

    context.on("request", request)
    return elsewhere


def settle(page: Any) -> None:
    """Until the maths is set and the scripts have woken."""
    page.wait_for_load_state("load")
    page.evaluate("async () => { await window.MathJax?.startup?.promise }")


# ----- axe-core -----


def violations(page: Any, within: str = "html") -> list[tuple[str, str]]:
    """(rule, selector) of every node that axe-core objects to, in the page or a part of it."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(AXE.read_text())
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate(
        "([within, tags]) => axe.run(within, { runOnly: tags, resultTypes: ['violations'] }).then((r) =>"
        " r.violations.flatMap((v) => v.nodes.map((n) => [v.id, n.target.flat().join(' ')])))",
        [within, rules],
    )
    return [(rule, selector) for rule, selector in found]


def of_theme(violation: tuple[str, str]) -> bool:
    rule, selector = violation
    return any(rule == known and part in selector for known, part, _ in THEME)


def axe_everywhere(browser: Any, site: str, names: list[str]) -> dict[str, set[tuple[str, ...]]]:
    """{"own": …, "theme": …}: (page, rule, selector), whatever the width and the scheme."""
    found: dict[str, set[tuple[str, ...]]] = {"own": set(), "theme": set()}
    for scheme in SCHEMES:
        context = browser.new_context(color_scheme=scheme)
        page = context.new_page()
        for name in names:
            page.goto(site + name)
            settle(page)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                page.wait_for_timeout(400)  # the theme then finds anew what can be scrolled
                for violation in violations(page):
                    kind = "theme" if of_theme(violation) else "own"
                    found[kind].add((name, *violation))
        context.close()
    return found


# ----- the editor -----


def editor_of(page: Any, number: int = 0) -> Any:
    """A page's editor, awake."""
    editor = page.locator("code-editor").nth(number)
    editor.scroll_into_view_if_needed()
    editor.locator(".cm-content").wait_for()
    return editor


def write(editor: Any, task: str, code: str) -> None:
    """Choose the task and put the code in the place of what stands there."""
    choice = editor.locator("select")
    if choice.count():
        choice.select_option(task)
    content = editor.get_by_label(f"Your code for {task}")
    content.click()
    content.press("ControlOrMeta+a")
    editor.page.keyboard.insert_text(code)


def press(editor: Any, button: str, most: float = 120) -> float:
    """Click Run or Check and wait for the answer; the seconds that it took."""
    started = time.perf_counter()
    editor.get_by_role("button", name=button, exact=True).click()
    editor.page.wait_for_function(
        "(e) => ['done', 'failed', 'stopped'].includes(e.dataset.state)",
        arg=editor.element_handle(),
        timeout=most * 1000,
    )
    return time.perf_counter() - started


def answer_of(task: str) -> str:
    """The model answer with its import, as a reader might have written it."""
    import inspect

    from autograder.tasks import get_task

    return f"import numpy as np\n\n\n{inspect.getsource(get_task(task).solution)}"


# ----- JupyterLite -----

_PANEL = "window.jupyterapp.shell.currentWidget"


def open_lite(page: Any, site: str, notebook: str, **query: str) -> None:
    """Open a notebook and wait for its kernel."""
    more = "".join(f"&{k}={v}" for k, v in query.items())
    page.goto(f"{site}lite/notebooks/index.html?path={notebook}{more}")
    page.wait_for_function(
        "() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.isReady"
        " && window.jupyterapp.shell.currentWidget.context?.isReady",
        timeout=120_000,
    )


def set_answer(page: Any, task: str, code: str) -> None:
    page.evaluate(
        f"""([id, code]) => {{
          const cells = {_PANEL}.content.model.cells;
          for (let k = 0; k < cells.length; k++)
            if (cells.get(k).getMetadata('nbgrader')?.grade_id === id)
              cells.get(k).sharedModel.setSource(code);
        }}""",
        [f"{task}-answer", code],
    )


def outputs(page: Any) -> dict[str, str]:
    """{grade id: text} of the check cells that have run."""
    return dict(
        page.evaluate(
            f"""() => {_PANEL}.content.widgets.filter((w) => w.model.type === 'code' &&
              w.model.getMetadata('nbgrader')?.grade && w.model.outputs.length).map((w) =>
              [w.model.getMetadata('nbgrader').grade_id, w.model.outputs.toJSON()
                .map((o) => o.text ?? `${{o.ename}}: ${{o.evalue}}`).flat().join('')])"""
        )
    )


def run_all(page: Any, done: Callable[[dict[str, str]], bool], most: float = 240) -> dict[str, str]:
    """Run all cells until `done` of the outputs; TimeoutError says what there was."""
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells') }")
    ends = time.perf_counter() + most
    while not done(outputs(page)):
        if time.perf_counter() > ends:
            raise TimeoutError(f"after {most} s the check cells had said {outputs(page)}")
        page.wait_for_timeout(100)
    return outputs(page)


def passed(text: str) -> bool:
    """Whether a report says full marks."""
    match = re.search(r": ([\d.]+) of ([\d.]+) points", text)
    return match is not None and match[1] == match[2]


# ----- weight and movement -----


def first_visit(browser: Any, site: str, name: str) -> float:
    """kB of all that a first visit of the page loads, gzipped."""
    context = browser.new_context()
    made: list[Any] = []
    context.on("requestfinished", lambda request: made.append(request))
    page = context.new_page()
    page.goto(site + name, wait_until="networkidle")
    settle(page)
    page.wait_for_timeout(500)
    ours = [request for request in made if request.url.startswith(site)]
    total = sum(len(gzip.compress(request.response().body(), 6)) for request in ours)
    context.close()
    return total / 1000


def layout_shift(page: Any, site: str, name: str) -> float:
    page.goto(site + name)
    settle(page)
    return float(
        page.evaluate(
            """() => new Promise((resolve) => {
              let total = 0;
              new PerformanceObserver((list) => {
                for (const entry of list.getEntries()) if (!entry.hadRecentInput) total += entry.value;
              }).observe({ type: 'layout-shift', buffered: true });
              setTimeout(() => resolve(total), 500);
            })"""
        )
    )


# ----- all of it -----


def measure(names: list[str]) -> dict[str, Any]:
    task, notebook = "conv_dy_flip", "ch05_dy.ipynb"
    with served() as site, chromium() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        elsewhere = watch(context, site)
        page = context.new_page()
        shifts = {name: layout_shift(page, site, name) for name in names}
        for name, shift in sorted(shifts.items(), key=lambda row: -row[1])[:3]:
            print(f"layout shift {shift:.4f}  {name}")

        page.goto(site + CHAPTER)
        editor = editor_of(page)
        write(editor, task, answer_of(task))
        cold = press(editor, "Check")
        again = press(editor, "Check")
        print(f"editor: first check {cold:.1f} s, again {again:.2f} s")

        page = context.new_page()
        started = time.perf_counter()
        open_lite(page, site, notebook)
        set_answer(page, task, answer_of(task))
        run_all(page, lambda said: passed(said.get(task, "")))
        lite = time.perf_counter() - started
        print(f"JupyterLite: from opening to a passed check {lite:.1f} s")
        context.close()

        weight = first_visit(browser, site, CHAPTER)
        print(f"first visit: {weight:.0f} kB gzip")
        axe = axe_everywhere(browser, site, names)
        for kind, rows in axe.items():
            for row in sorted(rows)[:20]:
                print(f"axe, {kind}:", *row)
    return {
        "pages": len(names),
        "external_requests": len(elsewhere),
        "axe_own": len(axe["own"]),
        "axe_theme": len(axe["theme"]),
        "editor_cold_s": round(cold, 2),
        "editor_again_s": round(again, 2),
        "lite_cold_s": round(lite, 1),
        "first_visit_gzip_kb": round(weight),
        "layout_shift": round(max(shifts.values()), 4),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="a summary as the last line")
    parser.add_argument("--pages", type=int, default=None, help="only so many pages")
    args = parser.parse_args()
    names = pages()
    summary = measure([CHAPTER, *[n for n in names if n != CHAPTER]][: args.pages])
    print(json.dumps(summary) if args.json else summary)


if __name__ == "__main__":
    main()
