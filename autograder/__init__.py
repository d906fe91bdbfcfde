"""Judges exercises: `check(your_function, "its_name")` prints a report and returns the points."""

from autograder.judge import check, judge

__all__ = ["check", "judge"]
