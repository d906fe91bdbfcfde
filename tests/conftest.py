"""For all tests: one thread for BLAS, set before NumPy is loaded, so that machines agree; a Chromium."""

import os
import shutil
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.left_out import leave_out

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

if os.environ.get("WITHOUT_NUMBA"):  # as on a machine that has none
    sys.modules["numba"] = None  # type: ignore[assignment]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium (or the one that $CHROMIUM names).

    Once per module, not per session: while Playwright runs, its event loop counts as this thread's,
    and tests elsewhere that execute notebooks could not run theirs.
    """
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if program is None:
        leave_out("Chromium is missing: install Debian's package chromium, or set CHROMIUM")
    sync_api = pytest.importorskip("playwright.sync_api")
    from benchmarks.browser import ARGUMENTS

    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield chromium
        chromium.close()
