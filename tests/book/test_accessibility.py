"""axe-core on the pages: nothing of ours, and of the theme only what has a reason."""

from collections.abc import Callable
from typing import Any

import pytest

from benchmarks.browser import (
    CHAPTER,
    HTML,
    SCHEMES,
    THEME,
    WIDTHS,
    axe_everywhere,
    first_visit,
    layout_shift,
    of_theme,
    pages,
    violations,
)

pytestmark = pytest.mark.browser

SAMPLE = [CHAPTER, "book/exercises/ch05_dy.html", "book/references.html", "404.html"]
BUILT = pages() if (HTML / "index.html").is_file() else []


@pytest.mark.parametrize(
    ("name", "scheme", "width"), list(zip(SAMPLE, SCHEMES * 2, [1280, 320, 768, 320], strict=True))
)
def test_axe_finds_nothing_on_a_sample(
    open_page: Callable[..., Any], name: str, scheme: str, width: int
) -> None:
    page = open_page(name, color_scheme=scheme, viewport={"width": width, "height": 900})
    page.wait_for_timeout(300)
    assert [v for v in violations(page) if not of_theme(v)] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", BUILT)
def test_axe_finds_nothing_anywhere(browser: Any, site: str, name: str) -> None:
    assert axe_everywhere(browser, site, [name])["own"] == set()


def test_what_is_left_to_the_theme_has_a_reason() -> None:
    assert all(rule and part and len(why) > 20 for rule, part, why in THEME)
    assert len(WIDTHS) * len(SCHEMES) == 6


def test_a_first_visit_is_light(browser: Any, site: str) -> None:
    assert first_visit(browser, site, CHAPTER) <= 1000


@pytest.mark.parametrize(
    "name", [CHAPTER, *(pytest.param(n, marks=pytest.mark.slow) for n in BUILT if n != CHAPTER)]
)
@pytest.mark.parametrize("width", [pytest.param(390, marks=pytest.mark.slow), 1280])
def test_a_page_keeps_still(
    open_page: Callable[..., Any], site: str, name: str, width: int
) -> None:
    page = open_page(name, viewport={"width": width, "height": 844})
    assert layout_shift(page, site, name) < 0.05


def test_reduced_motion_is_respected(open_page: Callable[..., Any]) -> None:
    page = open_page(CHAPTER, reduced_motion="reduce")
    assert page.locator("[data-do=play]:visible").count() == 0
    assert (
        page.evaluate("() => getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    )
