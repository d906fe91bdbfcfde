"""The chapter's polls in the browser, by keyboard only."""

from typing import Any

import pytest

pytestmark = pytest.mark.browser


def focused(poll: Any) -> str:
    return poll.evaluate("() => document.activeElement.textContent.trim()")


def right_options(poll: Any) -> list[bool]:
    return poll.evaluate(
        "(poll) => [...poll.querySelectorAll('.options > li')].map((o) => 'right' in o.dataset)"
    )


def answer_one(poll: Any, option: int) -> None:
    """Radios: the first by space, the others by arrow, Enter checks."""
    keyboard = poll.page.keyboard
    poll.locator("input").first.focus()
    keyboard.press("Space")
    for _ in range(option):
        keyboard.press("ArrowDown")
    keyboard.press("Enter")


def answer_all(poll: Any, options: list[bool]) -> None:
    """Checkboxes: space ticks, tab goes on, and at the end reaches the button."""
    keyboard = poll.page.keyboard
    poll.locator("input").first.focus()
    for wanted in options:
        if wanted:
            keyboard.press("Space")
        keyboard.press("Tab")
    assert focused(poll) == "Check"
    keyboard.press("Enter")


def check_answered(poll: Any, state: str) -> None:
    assert poll.get_attribute("data-state") == state
    message = poll.locator("output").inner_text()
    assert message.startswith("✓ Right" if state == "right" else "✗ Not yet")
    for right, option in zip(right_options(poll), poll.locator(".options > li").all(), strict=True):
        assert option.locator(".verdict").inner_text() == ("✓ Right" if right else "✗ Wrong")
        assert option.locator(".why > div").is_visible()
        assert option.locator(".why > div").inner_text().strip()


def try_again(poll: Any) -> None:
    assert focused(poll) == "Try again"
    poll.page.keyboard.press("Enter")
    assert poll.get_attribute("data-state") == "unanswered"
    assert poll.locator("input:checked").count() == 0
    assert poll.locator(".verdict:visible").count() == 0
    assert poll.locator("input:focus").count() == 1


def test_poll_choose_one(chapter: Any) -> None:
    poll = chapter.locator("#poll-2")
    assert poll.locator(".verdict:visible").count() == 0
    right = right_options(poll).index(True)
    wrong = right_options(poll).index(False)
    answer_one(poll, wrong)
    check_answered(poll, "wrong")
    try_again(poll)
    answer_one(poll, right)
    check_answered(poll, "right")


def test_poll_choose_all(chapter: Any) -> None:
    poll = chapter.locator("#poll-3")
    right = right_options(poll)
    answer_all(poll, [True] * len(right))
    check_answered(poll, "right" if all(right) else "wrong")
    try_again(poll)
    answer_all(poll, right)
    check_answered(poll, "right")


@pytest.mark.parametrize("name", ["poll-2", "poll-3"])
def test_poll_asks_for_an_answer(chapter: Any, name: str) -> None:
    poll = chapter.locator(f"#{name}")
    poll.get_by_role("button", name="Check").focus()
    chapter.keyboard.press("Enter")
    assert poll.get_attribute("data-state") == "unanswered"
    assert poll.locator("output").inner_text() == "Choose an answer first."
    assert focused(poll) == "Check"


def test_poll_is_a_group_with_the_question_as_its_name(chapter: Any) -> None:
    poll = chapter.locator("#poll-2")
    question = poll.locator("legend").inner_text()
    assert poll.locator("fieldset > legend").count() == 1
    assert len(question) > 20
    assert poll.locator("label:has(input)").count() == len(right_options(poll))
    assert poll.locator("[aria-live=polite] .why").count() == len(right_options(poll))
    assert poll.locator("input:not([data-lm-suppress-shortcuts])").count() == 0
