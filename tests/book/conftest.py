"""What the book's tests share: its Python on the path, the built site served, a Chromium.

The site is served from below a sub-path and every request is recorded, so that each page that a
test opens also proves that nothing comes from elsewhere and nothing is missing.
"""

import functools
import http.server
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.left_out import leave_out

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build" / "html"
SUB_PATH = "/somewhere/else/"
CHAPTER = "book/chapters/ch05_dy.html"

for folder in (ROOT / "book", ROOT / "book" / "_ext"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


class _SubPathHandler(http.server.SimpleHTTPRequestHandler):
    """The folder's files below SUB_PATH, and nothing anywhere else."""

    def translate_path(self, path: str) -> str:
        if not path.startswith(SUB_PATH):
            return str(HTML / "not served")
        return super().translate_path(path.removeprefix(SUB_PATH[:-1]))

    def log_message(self, *_: Any) -> None:
        pass


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *about: Any) -> None:
        """A browser that closes a page half loaded is no error to print."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(*about)


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The address of the built book."""
    if not (HTML / "index.html").is_file():
        leave_out("the built book is missing: run `jupyter-book build . -W -n --keep-going`")
    handler = functools.partial(_SubPathHandler, directory=str(HTML))
    with _Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}{SUB_PATH}"
        server.shutdown()
        thread.join()


@pytest.fixture
def site_with_python(site: str) -> None:
    """The built book has Python for the browser in it."""
    if not (HTML / "pyodide").is_dir():
        leave_out("this copy of the book has no Python for the browser: build it where npm answers")


@dataclass
class Record:
    """What went wrong while pages were open."""

    elsewhere: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


def _watch(context: Any, site: str) -> Record:
    record = Record()

    def request(made: Any) -> None:
        if not made.url.startswith((site, "data:", "blob:")):
            record.elsewhere.append(made.url)

    def response(got: Any) -> None:
        if got.status >= 400:
            record.failed.append(f"{got.status} {got.url}")

    def console(message: Any) -> None:
        if message.type in {"error", "warning"}:
            record.complaints.append(message.text)

    context.on("request", request)
    context.on("response", response)
    context.on("console", console)
    context.on("weberror", lambda error: record.complaints.append(str(error.error)))
    return record


@pytest.fixture
def open_page(browser: Any, site: str) -> Iterator[Callable[..., Any]]:
    """`open_page(path, color_scheme="dark", …)`: a page with its maths typeset.

    Whatever the page asked of other servers, did not find, or complained of fails the test.
    """
    opened: list[tuple[Any, Record]] = []

    def open_(path: str, **options: Any) -> Any:
        context = browser.new_context(**options)
        opened.append((context, _watch(context, site)))
        page = context.new_page()
        page.goto(site + path)
        if options.get("java_script_enabled", True):
            page.evaluate("async () => { await window.MathJax?.startup?.promise }")
        return page

    yield open_
    for context, record in opened:
        context.close()
        assert record == Record()


@pytest.fixture
def chapter(open_page: Callable[..., Any]) -> Any:
    """The chapter's page."""
    return open_page(CHAPTER)


@pytest.fixture
def book_app(tmp_path: Path) -> Iterator[Any]:
    """A Sphinx project of one page, `index.md`, with the book's own directives."""
    from sphinx.testing.util import SphinxTestApp

    (tmp_path / "conf.py").write_text("")
    (tmp_path / "index.md").write_text("# Page\n")
    settings = {
        "extensions": ["myst_parser", "steps_directive", "poll_directive"],
        "myst_enable_extensions": ["colon_fence", "dollarmath"],
        "numfig": True,
    }
    app = SphinxTestApp("html", srcdir=tmp_path, confoverrides=settings)
    yield app
    app.cleanup()
