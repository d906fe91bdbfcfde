"""The package on a machine without Numba: its whole suite, in another process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_the_whole_suite_passes_without_numba():
    here = Path(__file__)
    command = [sys.executable, "-m", "pytest", str(here.parent), f"--ignore={here}"]
    done = subprocess.run(
        command,
        cwd=here.parent.parent.parent,
        env={**os.environ, "WITHOUT_NUMBA": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert "numba" in done.stdout, "what needs Numba must be listed as left out"
