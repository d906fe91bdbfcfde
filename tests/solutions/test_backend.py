"""use_backend: its two ways, threads, and what is imported when (in interpreters of their own)."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from solutions import backend as backends
from solutions.backend import backend, backend_name, use_backend
from solutions.conv import conv_backward, conv_forward
from solutions.kernels import Backend
from tests.solutions.grids import BACKENDS, WITH_NUMBA

ROOT = Path(__file__).parents[2]
needs_numba = pytest.mark.skipif(len(BACKENDS) == 1, reason="Numba is not installed")


@pytest.fixture(autouse=True)
def nothing_chosen():
    """Each test begins, and leaves the process, without a statement."""
    kept = backends._statements[:]
    backends._statements.clear()
    yield
    backends._statements[:] = kept


def in_another_thread(function):
    found = []
    thread = threading.Thread(target=lambda: found.append(function()))
    thread.start()
    thread.join()
    return found[0]


def test_the_fastest_is_the_default():
    assert backend_name() == ("tiles" if len(BACKENDS) > 1 else "numpy")


@needs_numba
def test_a_statement_holds_for_all_threads():
    use_backend("numpy")
    assert backend_name() == in_another_thread(backend_name) == "numpy"
    use_backend("loops")
    assert backend_name() == in_another_thread(backend_name) == "loops"


@needs_numba
def test_a_with_block_holds_for_its_thread_and_ends():
    use_backend("loops")
    with use_backend("numpy"):
        assert backend_name() == "numpy"
        assert in_another_thread(backend_name) == "loops"
        with use_backend("im2col"):
            assert backend_name() == "im2col"
        assert backend_name() == "numpy"
    assert backend_name() == "loops"
    with pytest.raises(KeyError), use_backend("numpy"):
        raise KeyError
    assert backend_name() == "loops"


@needs_numba
def test_a_with_block_goes_before_a_statement():
    with use_backend("numpy"):
        use_backend("loops")
        assert backend_name() == "numpy"
    assert backend_name() == "loops"


@needs_numba
def test_one_choice_may_be_entered_twice():
    choice = use_backend("numpy")
    with choice:
        with choice:
            assert backend_name() == "numpy"
        assert backend_name() == "numpy"
    assert backend_name() == "tiles"


@pytest.mark.parametrize("name", ["cuda", "", None, 3, ["numpy"]])
def test_an_unknown_name_is_refused_with_the_choices(name):
    with pytest.raises(ValueError, match=r"`name` \(=.*\) must be one of .*'im2col', 'numpy'"):
        use_backend(name)
    assert not backends._statements


@pytest.mark.parametrize("name", BACKENDS)
def test_each_backend_has_all_functions(name):
    with use_backend(name):
        wanted = [f for f in vars(Backend) if not f.startswith("_")]
        assert len(wanted) == 7
        assert all(callable(getattr(backend(), function)) for function in wanted)


@pytest.mark.parametrize("name", BACKENDS)
def test_layers_may_run_in_many_threads(name):
    """Each thread its own backend and its own numbers; all get what one alone gets."""
    rng = np.random.default_rng(0)
    jobs = [
        (rng.standard_normal((3, 2, 9, 8)), rng.standard_normal((4, 2, 3, 2))) for _ in range(40)
    ]

    def both(job):
        with use_backend(name):
            assert backend_name() == name
            z = conv_forward(*job, stride=2, padding=1)
            return z, *conv_backward(z, *job, stride=2, padding=1)[:2]

    expected = [both(job) for job in jobs]
    with ThreadPoolExecutor(8) as pool:
        for got, wanted in zip(pool.map(both, jobs), expected, strict=True):
            for a, b in zip(got, wanted, strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-13)


def child(code, **environment):
    """What an interpreter of its own prints; any warning is an error there too."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT, env=os.environ | environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


LAYERS = """
import sys
import numpy as np
from solutions.backend import backend_name, use_backend
from solutions.conv import conv_backward, conv_forward
from solutions.conv_transpose import conv_transpose_backward, conv_transpose_forward
from solutions.pool import max_pool_forward, max_pool_backward, mean_pool_backward, mean_pool_forward

def every_layer():
    y, w = np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2))
    z = conv_forward(y, w)
    assert (z == 4).all() and conv_backward(z, y, w)[0].sum() == 64
    z = conv_transpose_forward(y, w)
    assert z.sum() == 36 and conv_transpose_backward(z, y, w)[0].shape == y.shape
    z, pidx = max_pool_forward(y, 2)
    assert max_pool_backward(z, pidx, y.shape).sum() == 1
    assert mean_pool_backward(mean_pool_forward(y, 2), y.shape, 2).sum() == 1
"""


def test_numba_is_imported_by_no_import_and_by_no_numpy_call():
    code = "import sys, solutions; assert 'numba' not in sys.modules" + LAYERS
    code += "use_backend('numpy'); every_layer(); print('numba' in sys.modules)"
    assert child(code) == ["False"]


NO_NUMBA = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("numba", "llvmlite"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocker())
"""


def test_without_numba_the_numpy_backend_does_everything():
    code = NO_NUMBA + LAYERS + "every_layer(); print(backend_name())"
    assert child(code) == ["numpy"]


@pytest.mark.parametrize("name", WITH_NUMBA)
def test_without_numba_the_others_say_so(name):
    code = NO_NUMBA + LAYERS + f"\ntry: use_backend({name!r})\nexcept ImportError as e: print(e)"
    said = " ".join(child(code))
    assert f"the backend {name!r} needs Numba" in said and "'numpy' works without it" in said


def test_a_numba_that_cannot_be_imported_is_as_good_as_none():
    """Numba refuses a NumPy newer than it knows: found on disk, and still an ImportError."""
    code = (
        "import sys\nsys.modules['numba.core'] = None\n"
        + LAYERS
        + "every_layer(); print(backend_name())"
    )
    if len(BACKENDS) == 1:
        pytest.skip("Numba is not installed")
    assert child(code) == ["numpy"]
