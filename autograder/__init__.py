"""Judges exercises: `check(your_function, "its_name")` prints a report and returns the points.

`stuck("its_name")` helps on, rung by rung.
"""

from autograder.judge import check, judge

__all__ = ["check", "judge", "stuck"]


def stuck(name: str, rung: int | None = None, show_me: bool = False) -> None:
    """Print the next rung of the ladder, or the one of that number; see autograder/ladder.py."""
    from autograder import ladder

    ladder.stuck(name, rung, show_me)
