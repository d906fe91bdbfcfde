"""What the book needs from Sphinx beyond its configuration.

Page cells and directives import `figures`, so the book's folder goes onto the path of this process
and of the kernels that it starts. Executed pages are cached by their own cells only; the cache's
place therefore carries a digest of the Python that cells can import, so that a changed figure or
layer means fresh outputs. A changed directive or template means that pages are read anew, with the
outputs that they have. MathJax must have been copied. And sphinx-thebe, which the theme brings
along, is kept out of the pages.
"""

import hashlib
import os
import sys
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging

logger = logging.getLogger(__name__)

BOOK = Path(__file__).resolve().parents[1]
IMPORTED = ("book/figures", "solutions", "autograder")
WRITING = ("book/_ext", "book/_templates")
READ = ("*.py", "source/*.md", "*.html")  # what of these pages import, or read as they run


def digest(root: Path, folders: tuple[str, ...] = IMPORTED) -> str:
    """Twelve letters that change when a file changes that pages can import or read."""
    total = hashlib.sha256()
    for folder in folders:
        files = {path for pattern in READ for path in (root / folder).rglob(pattern)}
        for path in sorted(files):
            total.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()[:12]


def fresh_outputs(app: Sphinx, config: Config) -> None:
    """A cache place of its own for each state of the sources; a new place re-reads all pages."""
    cache = Path(config.nb_execution_cache_path or Path(app.outdir).parent / ".jupyter_cache")
    config.nb_execution_cache_path = str(cache / digest(BOOK.parent))
    config.book_writing = digest(BOOK.parent, WRITING)


def need_mathjax(app: Sphinx) -> None:
    """Without its copy of MathJax the book would build, and show no formula."""
    if not (BOOK / "_static" / app.config.mathjax_path).is_file():
        logger.warning("MathJax is missing: run `npm ci --prefix book && python book/vendor.py`")


def drop_thebe(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """sphinx-thebe declares its address twice on every page, a script error, even when off."""
    context["script_files"] = [
        script
        for script in context.get("script_files", [])
        if "thebe" not in (str(script) + str(getattr(script, "attributes", ""))).lower()
    ]


def setup(app: Sphinx) -> dict[str, Any]:
    if str(BOOK) not in sys.path:
        sys.path.insert(0, str(BOOK))
    paths = [str(BOOK), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    for library in ("OPENBLAS", "OMP", "MKL"):  # small matrices: more threads only get in the way
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    app.add_config_value("book_writing", "", "env")
    # after myst-nb (500) has read the settings of the book; before the environment compares them
    app.connect("config-inited", fresh_outputs, priority=100)
    app.connect("builder-inited", need_mathjax)
    app.connect("html-page-context", drop_thebe, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
