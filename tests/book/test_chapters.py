"""What every chapter has, and that nothing of the lecture is missing from the book."""

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PAGES = {path: path.read_text() for path in sorted((ROOT / "book").rglob("*.md"))}
PAGES = {path: text for path, text in PAGES.items() if "node_modules" not in path.parts}
CHAPTERS = [path for path in PAGES if path.parent.name == "chapters"]
EACH_CHAPTER = pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)

# The lecture's concepts, formulas, algorithms, errata and polls, numbered as in this book.
LECTURE = [
    *(f"c{n}" for n in range(1, 34)),
    *(f"f{n}" for n in range(1, 29)),
    *(f"a{n}" for n in range(1, 16)),
    *(f"e{n}" for n in range(1, 33)),
    "e2b",
]


def anchors() -> Counter[str]:
    return Counter(
        name for text in PAGES.values() for name in re.findall(r"(?m)^\(([a-z]\d+b?)\)=$", text)
    )


@pytest.mark.parametrize("name", LECTURE)
def test_every_part_of_the_lecture_has_one_anchor(name: str) -> None:
    assert anchors()[name] == 1


def test_no_anchor_is_made_up() -> None:
    assert set(anchors()) <= set(LECTURE)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_every_poll_of_the_lecture_is_there(number: int) -> None:
    assert sum(f"\n:name: poll-{number}\n" in text for text in PAGES.values()) == 1


def test_the_errata_page_lists_every_erratum_with_its_kind() -> None:
    text = PAGES[ROOT / "book" / "errata.md"]
    kinds = set(re.findall(r"(?m)^- \*\*([a-z ]+)\*\*:", text))
    rows = re.findall(r"(?m)^\| \[E(\d+b?)\]\(#e(\d+b?)\) \|.*\| ([a-z ]+) \|$", text)
    assert sorted(f"e{n}" for n, _, _ in rows) == sorted(x for x in LECTURE if x[0] == "e")
    assert all(number == link for number, link, _ in rows)
    assert {kind for _, _, kind in rows} == kinds


@EACH_CHAPTER
def test_a_chapter_has_its_parts(path: Path) -> None:
    text = PAGES[path]
    assert f"({path.stem.split('_')[0]})=\n# " in text
    head = text.split("{admonition} Before you start")[1].split("\n:::\n")[0]
    assert re.search(r"\*\*(Lecture|Repair|Beyond)\b", head)
    assert re.search(r"\*\*Time:\*\* about \d+ minutes for the page, \d+ for \{doc\}", head)
    assert "You need" in head
    for heading in ("## What goes wrong", "## On paper", "## Summary"):
        assert f"\n{heading}\n" in text
    assert re.search(r"\n## (On the slides|For readers of the slides)\n", text) or "ch00" in str(
        path
    )
    assert "{poll}" in text and "{exercise}" in text
    assert text.count("{exercise}") == text.count("{solution}")
    folded = re.findall(r"\{solution\}[^\n]*\n(?::\S+: .*\n)*?:class: dropdown", text)
    assert text.count("{solution}") == len(folded)
    assert "{steps}" in text or "plots.show(" in text
    assert f"{{doc}}`../exercises/{path.stem}`" in text.split("\n## Summary\n")[1]


@EACH_CHAPTER
def test_a_chapter_has_one_editor_for_its_own_tasks(path: Path) -> None:
    from autograder.tasks import get_task

    text = PAGES[path].split("\n## Try it here\n")[1].split("\n## Summary\n")[0]
    (names,) = re.findall(r"(?m)^:::\{editor\} (.*)$", text)
    chapter = path.stem.split("_")[0]
    assert {get_task(name).chapter for name in names.split()} == {chapter}


def test_at_least_ten_figures_can_be_stepped_through() -> None:
    found = re.findall(r"\{steps\} (\S+)", "".join(PAGES[path] for path in CHAPTERS))
    assert len(found) == len(set(found)) >= 10


@EACH_CHAPTER
def test_numbers_of_the_text_are_computed_here(path: Path) -> None:
    """A page that states numbers has cells, and cells that assert."""
    text = PAGES[path]
    assert "{code-cell}" in text and "assert " in text


@EACH_CHAPTER
def test_visible_code_fits_a_phone(path: Path) -> None:
    cells = re.findall(r"```\{code-cell\} ipython3\n(.*?)\n```", PAGES[path], re.S)
    shown = [cell for cell in cells if "remove-cell" not in cell and "remove-input" not in cell]
    long = [line for cell in shown for line in cell.splitlines() if len(line) > 70]
    assert long == []


@pytest.mark.browser
@EACH_CHAPTER
def test_a_page_is_light(path: Path, site: str) -> None:
    import gzip

    html = ROOT / "_build" / "html" / "book" / "chapters" / f"{path.stem}.html"
    assert len(gzip.compress(html.read_bytes())) <= 60_000


def test_every_chapter_is_followed_by_its_exercise() -> None:
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    entries = [entry for part in toc["parts"] for entry in part["chapters"]]
    chapters = {e["file"]: e for e in entries if e["file"].startswith("book/chapters/")}
    assert sorted(chapters) == sorted(f"book/chapters/{p.stem}" for p in CHAPTERS)
    for name, entry in chapters.items():
        exercise = name.replace("chapters", "exercises")
        assert [s["file"] for s in entry["sections"]] == [exercise]
