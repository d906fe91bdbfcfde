"""The feedback page: what it says, and that hostile text in it stays text."""

import html
import json
from itertools import pairwise
from types import SimpleNamespace

import pytest
from markupsafe import escape

from autograder import class_report, feedback, judge
from autograder.grades import Row
from autograder.html_page import visible
from autograder.similarity import Group
from autograder.submission import Cell
from autograder.tasks import all_tasks, get_task

HOSTILE = (
    "<script>document.title = 'ran'</script>",
    "<svg onload=\"document.title='ran'\"><circle r=9></svg>",
    "<img src=x onerror=\"document.title='ran'\">",
    "<a href=\"javascript:document.title='ran'\">press</a>",
    "[press](javascript:document.title='ran')",
    "$\\href{javascript:document.title='ran'}{press}$",
    "<!-- <script>document.title = 'ran'</script> -->",
    "--><script>document.title = 'ran'</script>",
    "</pre></section></main><style>body { display: none }</style>",
    "]]></svg><iframe srcdoc=\"<script>parent.document.title='ran'</script>\"></iframe>",
    "<base href='http://elsewhere.invalid/'><link rel=stylesheet href=x.css>",
    "<meta http-equiv=refresh content='0;url=http://elsewhere.invalid/'>",
    "{{ 7 * 7 }}{% raw %}&lt;b&gt;",
)


def rows_of(report):
    return {
        "score": report.score,
        "points": report.points,
        "status": report.status,
        "hints": list(report.hints),
        "properties": [[p.name, p.points, p.passed, p.message] for p in report.properties],
        "example": report.example_text(),
        "picture": report.picture(),
        "hint": report.found[0].text if report.found else "",
    }


def graded(name, function, code, added=(), stub=""):
    """The page of a submission with one answer, as the verdict would store it."""
    row = rows_of(judge(name, function, seed=7, level="grade").public())
    cells = [Cell("c1", "answer", code, f"{name}-answer")]
    cells += [Cell(f"added-{k}", "added", source) for k, source in enumerate(added)]
    stubs = {f"{name}-answer": stub}
    return feedback.page("Ада Λ <b>ß</b>", "ch06_dw", cells, {name: row}, stubs=stubs)


def wrong(name, bug):
    return next(m.wrong for m in get_task(name).misconceptions if m.id == bug)


def hostile_page():
    text = "\n".join(HOSTILE)

    def answer(dz, y):
        raise type(HOSTILE[0], (Exception,), {})(text)

    return graded("conv_dw", answer, f'"""{text}"""', HOSTILE)


def test_page_shows_properties_points_hint_picture_and_own_code():
    page = graded("conv_dw", wrong("conv_dw", "dz_flipped"), "def conv_dw(dz, y):\n    return mine")
    assert "0 of 6 points" in page and "return mine" in page
    for p in get_task("conv_dw").properties:
        assert p.name in page
    hint = next(m.hint for m in get_task("conv_dw").misconceptions if m.id == "dz_flipped")
    assert hint in html.unescape(page)
    assert 'role="img" aria-label="dw[0, 0]: yours' in page
    assert "Ада Λ &lt;b&gt;ß&lt;/b&gt;" in page


def test_an_answer_that_is_still_the_stub_is_not_shown_as_code():
    stub = "def conv_dw(dz, y):\n    raise NotImplementedError"
    cell = Cell("c1", "answer", stub, "conv_dw-answer")
    row = {"score": 0.0, "points": 6.0, "status": "missing", "hints": []}
    page = feedback.page("a", "t", [cell], {"conv_dw": row}, stubs={"conv_dw-answer": stub})
    assert "as it was released" in page and stub not in page


STUB = '''def conv_dw(dz, y):
    """The gradient.

    Example: dz = "1" (one map) gives
    dw = [2.].
    """
    raise NotImplementedError
'''
FOLDED = escape(feedback.FOLDED)


def test_the_released_statement_in_an_answer_is_folded():
    """Also where an editor has laid it out anew: the words are the same."""
    right = get_task("conv_dw").solution
    own = STUB.replace("raise NotImplementedError", "return mine  # <b>")
    for code in (own, own.replace("    dw", "\tdw").replace("\n", "\r\n")):
        page = graded("conv_dw", right, code, stub=STUB)
        assert FOLDED in page and "return mine  # &lt;b&gt;" in page
        assert "one map) gives" not in page


def test_a_statement_of_the_learner_s_own_is_shown():
    right = get_task("conv_dw").solution
    own = STUB.replace("[2.]", "[3.]").replace("raise NotImplementedError", "return mine")
    page = graded("conv_dw", right, own, stub=STUB)
    assert FOLDED not in page and "dw = [3.]" in page
    assert "return mine" in graded("conv_dw", right, "return mine", stub="dw = 1")


def test_code_without_end_does_not_make_a_page_without_end():
    """A mark that can't be seen is shown by its name, eight characters for one."""
    many = ["\xad" * 60_000 for _ in range(40)]
    page = graded("conv_dw", wrong("conv_dw", "dz_flipped"), many[0], many)
    assert len(page) < 2_500_000
    assert "36 more cells are in your notebook" in page and "more characters]" in page
    assert "more cell" not in graded("conv_dw", wrong("conv_dw", "dz_flipped"), "x", ["y = 1"])


def test_a_file_that_could_not_be_read_is_told_with_its_reason():
    row = {"score": 0.0, "points": 6.0, "status": "unreadable", "hints": []}
    cells = [Cell("c1", "answer", STUB, "conv_dw-answer")]
    stubs = {"conv_dw-answer": STUB}
    problem = "the file is not JSON (<b>)"
    page = feedback.page("a", "t", cells, {"conv_dw": row}, problem, stubs)
    assert "the file is not JSON (&lt;b&gt;)." in page
    assert "<td>not judged</td>" in page and "0 of 0" not in page
    for nothing in ("Report", "Your code", "as it was released"):
        assert nothing not in page


def test_what_was_seen_is_a_column_only_where_something_was():
    assert "what was seen" in graded("conv_dw", wrong("conv_dw", "dz_flipped"), "x")
    page = graded("conv_dw", get_task("conv_dw").solution, "x")
    assert "what was seen" not in page and "✓ holds" in page


@pytest.mark.parametrize("name", list(all_tasks()))
def test_feedback_has_no_number_that_the_seed_decides(name):
    """Every misconception at two seeds: the stored report is the same, word for word."""
    task = all_tasks()[name]
    for m in task.misconceptions[:4]:
        seen = [rows_of(judge(name, m.wrong, seed=s, level="grade").public()) for s in (3, 4)]
        for row in seen:
            for p in row["properties"]:
                p[3] = "" if "CPU time" in p[3] else p[3]
        if seen[0]["score"] == seen[1]["score"] and m.id != "state":
            assert seen[0]["properties"] == seen[1]["properties"], m.id
        assert seen[0]["example"] == seen[1]["example"] or m.id == "state", m.id


def test_what_a_program_says_of_secret_cases_is_not_repeated():
    def telltale(dz, y):
        if dz.size > 30:
            raise type(f"Told{dz.size}", (ValueError,), {})(json.dumps(dz.tolist()))
        return get_task("conv_dw").solution(dz, y)

    report = judge("conv_dw", telltale, seed=11, level="grade")
    assert "Told" in report.text()
    told = json.dumps(rows_of(report.public()))
    assert "Told" not in told and "it raised an error" in told
    assert report.public().example is None and "[[[" not in told


def test_the_page_and_its_time_lie_where_nbgrader_releases_feedback_from(tmp_path):
    row = rows_of(judge("conv_dw", get_task("conv_dw").solution).public())
    cells = [Cell("c1", "answer", "mine", "conv_dw-answer")]
    notebook = tmp_path / "submitted" / "ann o" / "ch06" / "ch06_dw.ipynb"
    notebook.parent.mkdir(parents=True)
    for stamp in ("", "2026-01-01 12:00:00 UTC"):
        if stamp:
            notebook.with_name("submission_secret.txt").write_text("abc")
        feedback.write(tmp_path, "ann o", notebook, cells, [], {"conv_dw": row}, "", stamp)
        place = tmp_path / "feedback" / "ann o" / "ch06"
        assert "6 of 6 points" in (place / "ch06_dw.html").read_text()
        for beside in ("timestamp.txt", "submission_secret.txt"):
            assert (place / beside).exists() == bool(stamp)


def test_no_link_and_no_large_file_is_copied_beside_the_page(tmp_path):
    row = rows_of(judge("conv_dw", get_task("conv_dw").solution).public())
    notebook = tmp_path / "submitted" / "a" / "ch06" / "ch06_dw.ipynb"
    notebook.parent.mkdir(parents=True)
    (tmp_path / "seed").write_text("123")
    beside = notebook.with_name("submission_secret.txt")
    beside.symlink_to(tmp_path / "seed")
    feedback.write(tmp_path, "a", notebook, [], [], {"conv_dw": row})
    beside.unlink()
    beside.write_text("x" * 2000)
    feedback.write(tmp_path, "a", notebook, [], [], {"conv_dw": row})
    assert not (tmp_path / "feedback" / "a" / "ch06" / "submission_secret.txt").exists()


def test_control_and_direction_marks_are_shown_by_name():
    assert visible("a\u202eb\x00\n\tc") == "a⟨U+202E⟩b⟨U+0000⟩\n\tc"
    assert visible("é Ω 你\u200b") == "é Ω 你⟨U+200B⟩"
    assert visible("x" * 9, longest=4) == "xxxx\n[5 more characters]"


# ----- in a browser -----


@pytest.fixture
def show(browser, tmp_path):
    """`show(text, **options)`: the page, opened from a file, with all that it asked for."""
    contexts = []

    def open_(text, **options):
        path = tmp_path / "page.html"
        path.write_text(text)
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        seen = SimpleNamespace(requests=[], complaints=[], dialogs=[])
        page.on("request", lambda r: seen.requests.append(r.url))
        page.on("console", lambda m: seen.complaints.append(m.text))
        page.on("dialog", lambda d: seen.dialogs.append(d.message))
        page.goto(path.as_uri())
        assert seen.requests == [path.as_uri()]
        page.seen = seen
        return page

    yield open_
    for context in contexts:
        context.close()


CONTRAST = """() => {
  const light = (rgb) => rgb.map(v => v / 255)
    .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, k) => sum + v * [.2126, .7152, .0722][k], 0);
  const parse = (text) => (text.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const paper = (e) => {
    for (; e; e = e.parentElement) {
      const found = parse(getComputedStyle(e).backgroundColor);
      if (found.length === 3 || found[3] > 0) return found.slice(0, 3);
    }
    return [255, 255, 255];
  };
  let worst = 99;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || e.closest("svg")) continue;
    const [a, b] = [parse(getComputedStyle(e).color).slice(0, 3), paper(e)].map(light);
    worst = Math.min(worst, (Math.max(a, b) + .05) / (Math.min(a, b) + .05));
  }
  return worst;
}"""


@pytest.mark.browser
def test_hostile_text_stays_text(show):
    page = show(hostile_page())
    assert page.title() == "ch06_dw"
    assert page.locator("script, iframe, object, embed, form, base, link, img").count() == 0
    assert page.locator("meta[http-equiv=refresh]").count() == 0
    assert page.evaluate("""() => [...document.querySelectorAll('*')].every(
        e => [...e.attributes].every(a => !a.name.startsWith('on')))""")
    addresses = page.evaluate("() => [...document.links].map(a => a.getAttribute('href'))")
    assert addresses and all(a.startswith("#task-") for a in addresses)
    shown = page.locator("pre").all_inner_texts()
    for text in HOSTILE:
        assert any(text in pre for pre in shown), text
    page.wait_for_timeout(100)
    assert page.seen.dialogs == [] and page.seen.complaints == [] and page.title() == "ch06_dw"


@pytest.mark.browser
def test_the_policy_stops_a_script_even_if_one_got_in(show):
    """The second wall: the page with a script forced into it."""
    broken = hostile_page().replace("</main>", f"{HOSTILE[0]}{HOSTILE[1]}</main>")
    page = show(broken)
    page.wait_for_timeout(100)
    assert page.title() == "ch06_dw"
    assert any("Content Security Policy" in text for text in page.seen.complaints)


WIDE, NARROW = {"width": 1280, "height": 2000}, {"width": 500, "height": 2000}
LINES = """e => Math.round((e.clientHeight - 2 * parseFloat(getComputedStyle(e).paddingTop))
  / parseFloat(getComputedStyle(e).lineHeight))"""
# For each long line, where its first word begins, and the first word below it.
PLACES = """() => [...document.querySelectorAll('pre.code .long')].slice(0, 3).map(span => {
  const text = span.firstChild, places = [];
  for (let k = text.data.search(/\\S/); k < text.length; k += 5) {
    const range = document.createRange();
    range.setStart(text, k); range.setEnd(text, k + 1);
    places.push(range.getBoundingClientRect());
  }
  return [places[0].x, places.find(p => p.y > places[0].y).x];
})"""
LONG = "def conv_dw(dz, y):\n" + "\n".join(
    " " * deep + "word " * ((80 - deep) // 5) for deep in (5, 10, 20, 40)
)


@pytest.mark.browser
def test_eighty_columns_of_code_stand_beside_the_report(show):
    page = show(graded("conv_dw", wrong("conv_dw", "dz_flipped"), LONG), viewport=WIDE)
    code, report = page.locator("pre.code"), page.get_by_role("heading", name="Report")
    assert code.evaluate(LINES) == 5, "no line of it is broken"
    assert code.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert report.bounding_box()["x"] + 400 < code.bounding_box()["x"]


@pytest.mark.browser
def test_long_lines_go_on_below_their_indentation_where_the_page_is_narrow(show):
    page = show(graded("conv_dw", wrong("conv_dw", "dz_flipped"), LONG), viewport=NARROW)
    code = page.locator("pre.code")
    assert code.evaluate(LINES) > 8
    assert code.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert [line.rstrip() for line in code.inner_text().split("\n")] == [
        line.rstrip() for line in LONG.split("\n")
    ]
    for begins, goes_on in page.evaluate(PLACES):
        assert goes_on > begins + 10


def feedback_page():
    code = "def conv_dw(dz, y): ..." + "x" * 300
    return graded("conv_dw", wrong("conv_dw", "dz_flipped"), code)


def class_page():
    rows = [Row(f"s{k}", "ch06", "conv_dw", k, 6.0, "graded", ("dz_flipped",)) for k in range(6)]
    properties = [["one map", 1.0, False, ""]]
    stored = [
        {
            "student": row.student,
            "chapter": "ch06",
            "tasks": {"conv_dw": {"hints": ["dz_flipped"], "properties": properties}},
            "answers": {"conv_dw": f"def conv_dw(dz, y): return dz + {'y + ' * 200} y"},
        }
        for row in rows
    ]
    similar = {"ch06": [Group(("s1", "s2"), 0.95)]}
    return class_report.page(rows, stored, {("s1", "ch06"): 90.0}, similar)


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("made", [feedback_page, class_page])
def test_pages_are_accessible(show, made, scheme):
    page = show(made(), color_scheme=scheme, viewport={"width": 390, "height": 800})
    page.evaluate("() => document.querySelectorAll('details').forEach(d => { d.open = true })")
    for landmark in ("banner", "main"):
        assert page.get_by_role(landmark).count() == 1
    assert page.locator("html").get_attribute("lang") == "en"
    levels = page.evaluate(
        "() => [...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])"
    )
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert page.locator("th:not([scope])").count() == 0
    assert page.locator("table").count() == page.locator("table:has(thead)").count() > 0
    assert page.locator("svg:not([aria-hidden]):not([role=img][aria-label])").count() == 0
    assert page.locator("meter:not([aria-label])").count() == 0
    unnamed = page.locator("[role=region]:not([aria-label])").count()
    assert unnamed == 0, "who can scroll it must be told what it is"
    assert page.locator("pre:not([tabindex])").count() == 0
    assert page.evaluate(CONTRAST) >= 4.5
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
