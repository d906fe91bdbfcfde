"""The book's steppable figures and polls in the outputs of a notebook (JupyterLab, JupyterLite).

    from figures.ch05_dy import influence
    influence()                       # as the last line of a cell

    from figures.notebook import poll
    poll("poll-2")                    # one of the book's polls, by its name

An output brings the style and the script along that the pages load once; both look at the theme.
"""

import json
import re
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
STATIC = (HERE / "static", HERE.parent / "_static")  # in the browser's wheel; in a clone
PAGES = HERE.parents[1] / "_build" / "html" / "book" / "chapters"
_POLL = re.compile(r'<choice-poll[^>]*? id="([^"]+)".*?</choice-poll>', re.DOTALL)


class Output:
    """HTML as what a cell shows."""

    def __init__(self, html: str) -> None:
        self.html = html

    def _repr_html_(self) -> str:
        return self.html


def with_assets(html: str, script: str) -> str:
    """The element with its style and its script ("step-figure.js")."""
    styles = "".join(_static(name) for name in ("tokens.css", "book.css"))
    return f"<style>{styles}</style>{html}<script>{_static(script)}</script>"


def poll(name: str) -> Output:
    """One of the book's polls. Raises KeyError with the names that there are."""
    known = polls()
    if name not in known:
        raise KeyError(f"there is no poll `name` (={name!r}); there are {', '.join(sorted(known))}")
    return Output(with_assets(known[name], "choice-poll.js"))


@cache
def polls() -> dict[str, str]:
    """All polls as HTML: as they came with the wheel, or from the built pages of a clone."""
    stored = HERE / "static" / "polls.json"
    if stored.is_file():
        return dict(json.loads(stored.read_text()))
    return polls_of(PAGES)


def polls_of(pages: Path) -> dict[str, str]:
    """{name: HTML} of the polls in a folder of built pages."""
    texts = (page.read_text() for page in sorted(pages.glob("*.html")))
    return {match[1]: match[0] for text in texts for match in _POLL.finditer(text)}


def _static(name: str) -> str:
    folder = next(folder for folder in STATIC if (folder / name).is_file())
    return (folder / name).read_text()
