"""What pages say of themselves, their buttons, their icons, and the page for 404."""

import re
from collections.abc import Callable
from typing import Any

import page_head
import pytest
import theme_mends
from docutils.frontend import get_default_settings
from docutils.parsers.rst import Parser
from docutils.utils import new_document
from fontTools.ttLib import TTFont

from benchmarks.browser import CHAPTER, HTML

EXERCISE = "book/exercises/ch05_dy.html"


@pytest.mark.parametrize(
    ("repository", "address"),
    [
        ("https://github.com/Ada/cnn-backprop", "https://ada.github.io/cnn-backprop/"),
        ("https://github.com/ada/cnn.git", "https://ada.github.io/cnn/"),
        ("https://github.com/ada/ada.github.io", "https://ada.github.io/"),
        ("https://example.org/ada/cnn", ""),
        ("", ""),
    ],
)
def test_the_sites_address_follows_from_the_repository(repository: str, address: str) -> None:
    assert page_head.pages_address(repository) == address


def document(text: str) -> Any:
    tree = new_document("page", get_default_settings(Parser()))
    Parser().parse(text, tree)
    return tree


def test_the_description_is_the_first_prose() -> None:
    text = ".. note:: A box with a long text that is no description of the page.\n\nShort.\n\n"
    prose = "The first paragraph, which says what this page is about. " * 6
    found = page_head.description(document(text + prose))
    assert found.startswith("The first paragraph, which says")
    assert found.endswith(" …")
    assert len(found) <= page_head.LONGEST


@pytest.mark.browser
@pytest.mark.parametrize("name", [CHAPTER, EXERCISE, "book/intro.html"])
def test_a_page_describes_itself(open_page: Callable[..., Any], name: str) -> None:
    page = open_page(name)
    metas = dict(
        page.evaluate(
            "() => [...document.querySelectorAll('meta')].map((m) =>"
            " [m.getAttribute('name') ?? m.getAttribute('property'), m.content])"
        )
    )
    assert 40 <= len(metas["description"]) <= page_head.LONGEST
    assert metas["og:description"] == metas["description"]
    assert metas["og:title"] in page.title()
    assert metas["og:url"].endswith(name)
    assert metas["og:image"].startswith("https://")
    assert page.locator("link[rel=canonical]").get_attribute("href") == metas["og:url"]


@pytest.mark.browser
def test_the_page_for_404_needs_no_neighbours(open_page: Callable[..., Any]) -> None:
    page = open_page("404.html")
    assert page.locator("h1").inner_text() == "There is no such page"
    assert re.findall(r"(?:src|href)=\"([^\"]*)\"", page.content()) == [
        "data:,",
        "/cnn-backprop/",
    ]


@pytest.mark.browser
def test_exercises_start_in_the_browser_in_binder_and_in_colab(
    open_page: Callable[..., Any],
) -> None:
    page = open_page(EXERCISE)
    buttons = page.locator(".article-header-buttons a")
    links = [buttons.nth(k).get_attribute("href") for k in range(buttons.count())]
    assert links[0] == "../../lite/notebooks/index.html?path=ch05_dy.ipynb"
    repository = "example/cnn-backprop"
    assert (
        f"https://mybinder.org/v2/gh/{repository}/main?urlpath=lab/tree/book/exercises/ch05_dy.ipynb"
    ) in links
    assert (
        f"https://colab.research.google.com/github/{repository}/blob/main/book/exercises/ch05_dy.ipynb"
    ) in links
    chapter = open_page(CHAPTER)
    assert "mybinder" not in chapter.locator(".article-header-buttons").inner_html()


@pytest.mark.browser
def test_all_icons_are_in_the_small_font(site: str) -> None:
    css = (theme_mends.THEME / "styles" / "pydata-sphinx-theme.css").read_text()
    shapes = {"lg", "solid", "brands", "regular"}
    for page in [HTML / CHAPTER, HTML / EXERCISE, HTML / "search.html"]:
        classes = re.findall(r'class="[^"]*\bfa[bs]?[ -][^"]*"', page.read_text())
        names = {n for c in classes for n in re.findall(r"\bfa-([a-z-]+)", c)} - shapes
        assert names <= set(theme_mends.ICONS)
    fonts = [TTFont(path) for path in (HTML / "_static" / "icons").glob("*.woff")]
    glyphs = {code for font in fonts for code in font.getBestCmap()}
    assert theme_mends.code_points(css) <= glyphs
    assert {0xF0F3, 0xF06A} <= glyphs  # of admonitions
    for font in fonts:
        font.close()


@pytest.mark.browser
def test_icons_are_drawn_and_the_large_fonts_stay_away(browser: Any, site: str) -> None:
    context = browser.new_context()
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.goto(site + CHAPTER, wait_until="networkidle")
    loaded = page.evaluate(
        "() => [...document.fonts].filter((f) => f.status === 'loaded').map((f) => f.family)"
    )
    assert {"Font Awesome 6 Free", "Font Awesome 6 Brands"} <= {f.strip('"') for f in loaded}
    assert any("icons/fa-solid-900.woff" in url for url in asked)
    assert not [url for url in asked if "fontawesome" in url]
    context.close()


@pytest.mark.browser
def test_search_quotes_prose(open_page: Callable[..., Any]) -> None:
    page = open_page("search.html?q=influence")
    found = page.locator("#search-results .context")
    found.first.wait_for(timeout=20_000)
    page.wait_for_timeout(1000)
    texts = found.all_inner_texts()
    assert len(texts) > 3
    for text in texts:
        assert "All steps as text" not in text
        assert "NotImplementedError" not in text
        assert ".pdf" not in text


def test_mends_change_only_what_they_name() -> None:
    page = '<p class="fab-ric">x</p><summary>y</summary><th class="head"><p>Route</p></th>'
    assert theme_mends.mended(page) == page
    summary = '<a class="reference internal" href="a.html">5 dY</a><details open="open"><summary>'
    assert 'aria-label="Pages below 5 dY"' in theme_mends.mended(summary)
