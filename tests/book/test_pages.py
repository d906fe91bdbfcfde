"""Every page of the book, as a reader's browser shows it (requests are watched by conftest.py)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
CHAPTER = "book/chapters/ch05_dy.html"


def toc_pages() -> list[str]:
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    entries = [chapter for part in toc["parts"] for chapter in part["chapters"]]
    return [toc["root"], *(entry["file"] for entry in entries)]


def test_every_toc_entry_has_a_source() -> None:
    missing = [
        page
        for page in toc_pages()
        if not any((ROOT / f"{page}{ending}").is_file() for ending in (".md", ".ipynb"))
    ]
    assert missing == []


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "phone"), [("light", 390), ("dark", 320)])
@pytest.mark.parametrize("name", toc_pages())
def test_page_is_whole_and_fits_a_phone(
    open_page: Callable[..., Any], name: str, scheme: str, phone: int
) -> None:
    """Opened on a phone, then on a desk."""
    page = open_page(f"{name}.html", color_scheme=scheme, viewport={"width": phone, "height": 844})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= phone
    assert page.locator("article h1").count() == 1
    assert page.locator("html").get_attribute("data-theme") == scheme
    raw = page.evaluate(
        "() => [...document.querySelectorAll('.math')]"
        ".filter((maths) => !maths.querySelector('mjx-container')).map((maths) => maths.outerHTML)"
    )
    assert raw == []
    assert page.locator("mjx-merror").count() == 0
    page.set_viewport_size({"width": 1280, "height": 844})
    page.wait_for_function(  # what opens and closes at another width takes a moment
        """() => [...document.querySelectorAll('.search-button-field, .search-button')]
          .filter((button) => button.checkVisibility()).length === 1
          && document.documentElement.scrollWidth <= 1280""",
        timeout=10_000,
    )


@pytest.mark.browser
def test_chapter_without_javascript(open_page: Callable[..., Any]) -> None:
    page = open_page(CHAPTER, java_script_enabled=False)
    assert page.locator("step-figure svg").count() == 11
    assert page.locator("step-figure output").first.inner_text().startswith("y[0,0] reaches 1 ")
    assert page.locator("step-figure .controls:visible").count() == 0
    assert page.locator("choice-poll button:visible").count() == 0
    explanation = page.locator("choice-poll .why").first
    explanation.locator("summary").click()
    assert explanation.locator(".verdict").is_visible()


@pytest.mark.browser
def test_nothing_moves_when_the_scripts_wake(open_page: Callable[..., Any]) -> None:
    page = open_page(CHAPTER)
    shift = page.evaluate(
        """() => new Promise((resolve) => {
          let moved = [];
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries())
              for (const source of entry.sources)
                if (source.node?.closest?.('step-figure, choice-poll')) moved.push(entry.value);
          }).observe({ type: 'layout-shift', buffered: true });
          setTimeout(() => resolve(moved), 300);
        })"""
    )
    assert shift == []
