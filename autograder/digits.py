"""The digits of 8 x 8 pixels, for notebooks: `from autograder.digits import load_digits`."""

from solutions.data import load_digits

__all__ = ["load_digits"]
