"""The directive `{poll}`: a question, its options, and an explanation of each option.

    :::{poll} Question text
    :name: poll-2
    :choose: one
    Optional paragraphs.
    - [ ] option text

      explanation of this option
    - [x] option text

      explanation
    :::

`:choose:` is `one` or `all` ("select all that apply"); `[x]` marks what is right. Question,
options and explanations are MyST, maths too. Whatever is wrong with a poll is an error that names
the poll and the option.
"""

import re
from dataclasses import dataclass, field
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from html_nodes import Leaf, element
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

CHOOSE = {"one": "Choose one.", "all": "Select all that apply."}
_OPTION = re.compile(r"- \[(?P<box>.?)\](?P<text>.*)")
_INDENT = "  "


@dataclass
class Option:
    """One option of a poll: its first paragraph, then the explanation; `line` counts from 0."""

    right: bool
    line: int
    text: list[str]
    why: list[str] = field(default_factory=list)


def split(lines: list[str]) -> tuple[list[str], list[Option]]:
    """The lines before the options, and the options; a ValueError says which line is wrong."""
    start = next((i for i, line in enumerate(lines) if _OPTION.match(line)), len(lines))
    options: list[Option] = []
    for number, line in enumerate(lines[start:], start):
        match = _OPTION.match(line)
        if match:
            if match["box"] not in {" ", "x"}:
                raise ValueError(f"{line!r} must begin with '- [ ]' or '- [x]'")
            options.append(Option(match["box"] == "x", number, [match["text"].strip()]))
        elif not line.strip() or line.startswith(_INDENT):
            _add(options[-1], line.removeprefix(_INDENT))
        else:
            raise ValueError(f"{line!r} is neither an option nor indented below one")
    return lines[:start], options


def _add(option: Option, line: str) -> None:
    """Lines up to the first empty one belong to the option's text, all others explain it."""
    if option.why or not line.strip():
        option.why.append(line)
    else:
        option.text.append(line)


def check(options: list[Option], choose: str) -> None:
    """A ValueError if a reader could not answer the poll, or would be left without a reason."""
    if choose not in CHOOSE:
        raise ValueError(f"':choose:' (={choose!r}) must be one of {', '.join(CHOOSE)}")
    if len(options) < 2:
        raise ValueError(f"needs at least two options ('- [ ] …'), got {len(options)}")
    right = sum(option.right for option in options)
    if choose == "one" and right != 1:
        raise ValueError(f"':choose: one' needs exactly one '[x]', got {right}")
    if right == 0:
        raise ValueError("no option is right: mark at least one with '[x]'")
    for number, option in enumerate(options, 1):
        if not any(line.strip() for line in option.text):
            raise ValueError(f"option {number} has no text")
        if not any(line.strip() for line in option.why):
            raise ValueError(f"option {number} has no explanation (indented, after an empty line)")


class PollDirective(SphinxDirective):
    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {
        "name": directives.unchanged_required,
        "choose": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        for name in self.option_spec:
            if name not in self.options:
                raise self.error(f"poll {self.arguments[0]!r}: ':{name}:' is missing")
        try:
            intro, options = split(list(self.content))
            check(options, self.options["choose"])
        except ValueError as problem:
            raise self.error(f"poll {self.options['name']!r}: {problem}") from problem
        poll = element("choice-poll", self.form(intro, options), data_state="unanswered")
        self.set_source_info(poll)
        self.add_name(poll)
        return [poll]

    def form(self, intro: list[str], options: list[Option]) -> nodes.Element:
        question, messages = self.parse_inline(self.arguments[0])
        return element(
            "form",
            element(
                "fieldset",
                element("legend", *question),
                *messages,
                *self.parse(intro, 0),
                nodes.paragraph("", CHOOSE[self.options["choose"]]),
                element("ol", *map(self.option, options), class_="options", aria_live="polite"),
            ),
            Leaf("", html=_BUTTONS),
        )

    def option(self, option: Option) -> nodes.Element:
        kind = "radio" if self.options["choose"] == "one" else "checkbox"
        name = nodes.make_id(self.options["name"])
        box = f'<input type="{kind}" name="{name}" data-lm-suppress-shortcuts="true">'
        verdict = "✓ Right" if option.right else "✗ Wrong"
        why = Leaf("", html=f'<summary>Explanation</summary><p class="verdict">{verdict}</p>')
        return element(
            "li",
            element("label", Leaf("", html=box), self.block(option.text, option.line)),
            element(
                "details",
                why,
                self.block(option.why, option.line + len(option.text)),
                class_="why",
            ),
            **({"data_right": ""} if option.right else {}),
        )

    def block(self, lines: list[str], offset: int) -> nodes.Element:
        return element("div", *self.parse(lines, offset))

    def parse(self, lines: list[str], offset: int) -> list[nodes.Node]:
        """The lines as MyST; `offset` keeps the line numbers of warnings true."""
        parsed = nodes.Element()
        block = StringList(lines, source=self.get_source_info()[0])
        self.state.nested_parse(block, self.content_offset + offset, parsed)
        return parsed.children


_BUTTONS = (
    '<div class="buttons">'
    '<button type="submit" data-lm-suppress-shortcuts="true">Check</button>'
    '<button type="reset" data-lm-suppress-shortcuts="true" hidden>Try again</button>'
    '<output aria-live="polite"></output></div>'
)


def setup(app: Sphinx) -> dict[str, Any]:
    app.setup_extension("html_nodes")
    app.add_directive("poll", PollDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
