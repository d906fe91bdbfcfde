"""What the pages for learners and instructors share: one file, no script, nothing from elsewhere.

Whatever a learner wrote reaches a page through `visible` and Jinja's escaping, so that it stands
there as text. The content security policy forbids scripts and requests even if it did not.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

PAGES = Path(__file__).with_name("pages")
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
LONGEST = 50_000  # characters of one cell that are shown
NARROW = 36  # columns that every screen has room for
DEEPEST = 24  # columns of indentation that a narrow screen can spare


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(PAGES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["visible"] = visible
    made.filters["hanging"] = hanging
    made.filters["points"] = "{:g}".format
    return made


def document(template: str, **values: Any) -> str:
    """The whole page from a template of `autograder/pages`; its `values` are escaped."""
    return _environment().get_template(template).render(policy=POLICY, **values)


def visible(text: str, longest: int = LONGEST) -> str:
    """The text with nothing in it that can't be seen: control and direction marks get a name.

    Why: with a right-to-left mark, code reads otherwise than it runs.
    """
    kept = "".join(map(_shown, text[:longest]))
    return kept if len(text) <= longest else f"{kept}\n[{len(text) - longest} more characters]"


def _shown(character: str) -> str:
    if character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Cn"):
        return character
    return f"⟨U+{ord(character):04X}⟩"


def hanging(code: str) -> Markup:
    """Code, escaped, whose long lines go on below their own indentation and four places in.

    Why: at the margin, what follows a break would read as if it stood outside its block.
    """
    return Markup("\n").join(map(_hanging, code.split("\n")))


def _hanging(line: str) -> str | Markup:
    if len(line) <= NARROW:
        return line
    blank = line[: len(line) - len(line.lstrip())].expandtabs(4)
    after = min(len(blank), DEEPEST) + 4
    return Markup('<span class="long" style="--after: {}ch">{}</span>').format(after, line)


def anchor(name: str) -> str:
    """A name as a fragment of an address."""
    return re.sub(r"[^A-Za-z0-9_-]", "-", name)
