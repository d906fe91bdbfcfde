"""The poll directive: what it writes, and what it refuses."""

import re

import pytest
from poll_directive import check, split
from sphinx.testing.util import SphinxTestApp

POLL = """# Page

:::{poll} What is $1+1$?
:name: poll-x
:choose: one
Think, with $a$.

- [ ] One, $b$

  Too *few*.

  Second paragraph, $c$.
- [x] Two,
  on two lines

  Yes.
:::
"""


def build(app: SphinxTestApp, page: str) -> str:
    (app.srcdir / "index.md").write_text(page)
    app.build(force_all=True)
    return (app.outdir / "index.html").read_text()


def test_split_separates_text_from_explanation() -> None:
    intro, options = split(
        ["Think.", "", "- [ ] one", "", "  why", "", "  more", "- [x] two", "  lines", "", "  yes"]
    )
    assert intro == ["Think.", ""]
    assert [(o.right, o.text, o.why, o.line) for o in options] == [
        (False, ["one"], ["", "why", "", "more"], 2),
        (True, ["two", "lines"], ["", "yes"], 7),
    ]


def test_poll_is_a_fieldset_with_radios(book_app: SphinxTestApp) -> None:
    page = build(book_app, POLL)
    assert book_app.warning.getvalue() == ""
    assert '<choice-poll data-state="unanswered" id="poll-x"><form><fieldset><legend>' in page
    assert page.count('<input type="radio" name="poll-x" data-lm-suppress-shortcuts="true">') == 2
    assert "Choose one." in page
    assert page.count('<li data-right="">') == 1
    assert page.count("<details") == 2
    assert re.findall(r'class="verdict">([^<]*)<', page) == ["✗ Wrong", "✓ Right"]
    assert "<em>few</em>" in page
    assert "Two,\non two lines" in page


def test_poll_sets_maths_everywhere(book_app: SphinxTestApp) -> None:
    page = build(book_app, POLL)
    for formula in ("1+1", "a", "b", "c"):
        assert rf'<span class="math notranslate nohighlight">\({formula}\)</span>' in page


def test_poll_choose_all_has_checkboxes(book_app: SphinxTestApp) -> None:
    page = build(book_app, POLL.replace(":choose: one", ":choose: all"))
    assert book_app.warning.getvalue() == ""
    assert page.count('type="checkbox"') == 2
    assert "Select all that apply." in page


def test_warning_inside_a_poll_names_its_line(book_app: SphinxTestApp) -> None:
    build(book_app, POLL.replace("Second paragraph", "{nonsense}`x`"))
    line = POLL.splitlines().index("  Second paragraph, $c$.") + 1
    assert f"index.md:{line}: " in book_app.warning.getvalue()


BODY = ["- [x] one", "", "  why", "- [ ] two", "", "  why"]


@pytest.mark.parametrize(
    ("lines", "choose", "message"),
    [
        ([], "one", "needs at least two options"),
        (BODY[:3], "one", "needs at least two options ('- [ ] …'), got 1"),
        (BODY[:3] * 2, "one", "':choose: one' needs exactly one '[x]', got 2"),
        (BODY[3:] * 2, "one", "':choose: one' needs exactly one '[x]', got 0"),
        (BODY[3:] * 2, "all", "no option is right"),
        ([*BODY[:3], "- [x]", "", "  why"], "all", "option 2 has no text"),
        ([*BODY, "- [ ] three"], "one", "option 3 has no explanation"),
        ([*BODY, "- [ ] three", "  still three"], "one", "option 3 has no explanation"),
        ([*BODY, "- [X] three"], "one", "'- [X] three' must begin with '- [ ]' or '- [x]'"),
        ([*BODY, "- four"], "one", "'- four' is neither an option nor indented below one"),
        ([*BODY, "Epilogue"], "one", "'Epilogue' is neither an option nor indented"),
    ],
)
def test_poll_body_refused(lines: list[str], choose: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        check(split(lines)[1], choose)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (":name: poll-x\n", "", "poll 'What is $1+1$?': ':name:' is missing"),
        (":choose: one\n", "", "poll 'What is $1+1$?': ':choose:' is missing"),
        (
            ":choose: one",
            ":choose: some",
            "poll 'poll-x': ':choose:' (='some') must be one of one, all",
        ),
        ("- [x] Two", "- [ ] Two", "poll 'poll-x': ':choose: one' needs exactly one '[x]', got 0"),
        ("\n  Yes.", "", "poll 'poll-x': option 2 has no explanation"),
    ],
)
def test_poll_error_reaches_the_author(
    book_app: SphinxTestApp, old: str, new: str, message: str
) -> None:
    build(book_app, POLL.replace(old, new))
    assert message in book_app.warning.getvalue()
