"""Compiled code on disk: where a folder can be written to, and where none can."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("numba")

ROOT = Path(__file__).parents[3]
CALL = """
import numpy as np
from solutions.backend import use_backend
from solutions.conv import conv_forward
from solutions.kernels import im2col
use_backend("im2col")
assert conv_forward(np.ones((1, 1, 2, 3)), np.ones((1, 1, 2, 2))).tolist() == [[[[4, 4]]]]
print(type(im2col.patches._cache).__name__, sum(im2col.patches.stats.cache_hits.values()))
"""


@pytest.fixture
def install(tmp_path):
    """A copy of the package without compiled code, as fresh as from a wheel."""
    shutil.copytree(
        ROOT / "solutions", tmp_path / "site" / "solutions",
        ignore=shutil.ignore_patterns("__pycache__"),
    )  # fmt: skip
    return tmp_path


def run(install, **environment):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("NUMBA_", "XDG_"))}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-P", "-c", CALL],
        cwd=install,
        env=kept | {"PYTHONPATH": str(install / "site"), "PYTHONDONTWRITEBYTECODE": "1"} | environment,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_read_only_install_without_a_cache_folder_works(install):
    """A file stands where each folder would have to be made: that stops even the superuser."""
    for folder in ("solutions", "solutions/kernels"):
        (install / "site" / folder / "__pycache__").write_text("in the way")
    nowhere = install / "nowhere"
    nowhere.write_text("in the way")
    hidden = {"HOME": str(nowhere), "XDG_CACHE_HOME": str(nowhere)}
    assert run(install, **hidden) == ["NullCache", "0"]
    assert run(install, **hidden, NUMBA_CACHE_DIR=str(nowhere)) == ["NullCache", "0"]


def test_the_second_process_compiles_nothing(install):
    cache = install / "made" / "when" / "missing"
    assert run(install, NUMBA_CACHE_DIR=str(cache)) == ["FunctionCache", "0"]
    assert run(install, NUMBA_CACHE_DIR=str(cache)) == ["FunctionCache", "1"]
    shutil.rmtree(cache)
    assert run(install, NUMBA_CACHE_DIR=str(cache)) == ["FunctionCache", "0"]
