"""What this machine can't test is left out, and says why; with CI=true that is a failure."""

import os
from typing import NoReturn

import pytest


def leave_out(why: str) -> NoReturn:
    """Leave out the test, or whatever asks for the fixture that calls this."""
    if os.environ.get("CI") == "true":
        pytest.fail(why, pytrace=False)
    pytest.skip(why)
