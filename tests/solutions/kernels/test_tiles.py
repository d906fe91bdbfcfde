"""The backend as a whole: what it leaves to others, threads, and Numba failing it."""

import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("numba")

from solutions.conv import conv_geometry
from solutions.kernels import im2col, plain, tiles, tiles_layers, tiles_threads

ROOT = Path(__file__).parents[3]


def layer(T, M, N, K, H, stride=1, padding=0, dilation=1, groups=1, dtype=np.float32):
    rng = np.random.default_rng(0)
    y = rng.standard_normal((T, M, H, H)).astype(dtype)
    w = rng.standard_normal((N, M // groups, K, K)).astype(dtype)
    geometry = conv_geometry(y, w, None, stride, padding, dilation, groups)
    dz = rng.standard_normal((T, N, *geometry.out)).astype(dtype)
    return y, w, rng.standard_normal(N).astype(dtype), dz, geometry


def passes(backend, y, w, b, dz, geometry):
    return (
        backend.forward(y, w, b, geometry),
        backend.backward_y(dz, w, geometry),
        backend.backward_w(dz, y, geometry),
    )


LAYERS = {
    "positions in lanes": (9, 1, 6, 5, 28, 1, 2),
    "one vector of maps": (9, 6, 16, 5, 14),
    "three in-maps": (9, 3, 32, 3, 20, 1, 1),
    "winograd": (17, 32, 40, 3, 12, 1, 1),
    "stride": (33, 20, 33, 3, 9, 2, 1),
    "1 x 1": (20, 32, 17, 1, 8),
    "dilation": (9, 17, 20, 3, 11, 1, 2, 2),
    "few out-maps of a few in-maps": (9, 2, 5, 4, 13, (2, 1), ((1, 0), (2, 1))),
    "large stride": (4, 18, 5, 2, 11, 3),
}


@pytest.mark.parametrize("name", LAYERS)
def test_layers_agree_with_numpy(name):
    args = layer(*LAYERS[name])
    exact = [a.astype(float) for a in args[:4]]
    for got, expected in zip(
        passes(tiles_layers, *args), passes(plain, *exact, args[4]), strict=True
    ):
        assert got.dtype == np.float32 and got.shape == expected.shape
        assert np.abs(got - expected).max() <= 3e-6 * np.abs(expected).max()


@pytest.mark.parametrize("name", LAYERS)
def test_threads_do_not_change_a_bit(name, monkeypatch):
    args = layer(*LAYERS[name])
    monkeypatch.setattr(tiles_threads, "ENOUGH", 1)
    answers = []
    for count in (1, 2, 5):
        monkeypatch.setattr(tiles_threads, "threads", lambda count=count: count)
        tiles_threads._pool.cache_clear()
        answers.append(passes(tiles_layers, *args))
    tiles_threads._pool.cache_clear()
    for other in answers[1:]:
        for got, expected in zip(other, answers[0], strict=True):
            np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("pictures", [1, 7, 8, 31, 32, 100])
def test_pictures_are_cut_into_parts_without_gaps(pictures):
    cuts = tiles_threads._cuts(pictures, 4)
    assert [t for first, after in cuts for t in range(first, after)] == list(range(pictures))


def test_groups_and_empty_arrays_go_to_im2col(monkeypatch):
    monkeypatch.setattr(tiles_layers, "forward", None)
    monkeypatch.setattr(tiles_layers, "backward_y", None)
    monkeypatch.setattr(tiles_layers, "backward_w", None)
    for args in (layer(2, 4, 6, 3, 7, groups=2), layer(0, 2, 3, 3, 7)):
        for got, expected in zip(passes(tiles, *args), passes(im2col, *args), strict=True):
            np.testing.assert_array_equal(got, expected)
    assert not tiles._broken


@pytest.fixture
def unbroken():
    yield
    tiles._broken.clear()


@pytest.mark.parametrize("error", [TypeError("no such intrinsic"), AttributeError(), KeyError("x")])
def test_a_kernel_that_numba_refuses_is_replaced_with_one_warning(error, monkeypatch, unbroken):
    def refused(*_):
        raise error

    args = layer(2, 3, 4, 3, 7)
    monkeypatch.setattr(tiles_layers, "forward", refused)
    with pytest.warns(RuntimeWarning, match="'tiles' does not work with Numba .*'im2col'") as seen:
        z = tiles.forward(*args[:3], args[4])
    assert len(seen) == 1
    np.testing.assert_array_equal(z, im2col.forward(*args[:3], args[4]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # and no second one, for any function
        for got, expected in zip(passes(tiles, *args), passes(im2col, *args), strict=True):
            np.testing.assert_array_equal(got, expected)


def test_too_little_memory_is_no_reason_to_give_up(monkeypatch, unbroken):
    def too_large(*_):
        raise MemoryError

    monkeypatch.setattr(tiles_layers, "forward", too_large)
    args = layer(2, 3, 4, 3, 7)
    with pytest.raises(MemoryError):
        tiles.forward(*args[:3], args[4])
    assert not tiles._broken


def child(code, *, flags=("-W", "error"), cwd=ROOT, **environment):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("NUMBA_", "XDG_"))}
    done = subprocess.run(
        [sys.executable, *flags, "-c", code], cwd=cwd, capture_output=True, text=True,
        env=kept | environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done


CALL = """
import numpy as np
from solutions.conv import conv_forward
from solutions.kernels import tiles
assert conv_forward(np.ones((1, 1, 2, 3)), np.ones((1, 1, 2, 2))).tolist() == [[[[4, 4]]]]
"""
BREAKS = {
    "the extension interface is gone": "import numba.extending; del numba.extending.intrinsic",
    "LLVM's instructions are written in another way": (
        "import numba; from llvmlite.ir import IRBuilder; IRBuilder.shuffle_vector = None"
    ),
    "features are told in another way": (
        "from numba.core.codegen import CPUCodegen; CPUCodegen.magic_tuple = lambda self: ()"
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_another_numba_means_one_warning_and_im2col(name, tmp_path):
    code = f"{BREAKS[name]}\n{CALL}conv_forward(np.ones((1, 1, 2, 3)), np.ones((1, 1, 2, 2)))"
    done = child(code + "; print(bool(tiles._broken))", flags=(), NUMBA_CACHE_DIR=str(tmp_path))
    assert done.stdout.split() == ["True"]
    assert done.stderr.count("RuntimeWarning") == 1
    assert "'im2col' takes its place" in done.stderr


def test_compiling_is_announced_once_and_the_second_process_is_silent(tmp_path):
    code = CALL + "assert not tiles._broken; conv_forward(*[np.ones((1, 1, 2, 2))] * 2)"
    first = child(code, NUMBA_CACHE_DIR=str(tmp_path))
    assert first.stderr == tiles.MESSAGE + "\n"
    assert child(code, NUMBA_CACHE_DIR=str(tmp_path)).stderr == ""


def test_a_read_only_install_without_a_cache_folder_works(tmp_path):
    site = tmp_path / "site"
    shutil.copytree(
        ROOT / "solutions", site / "solutions", ignore=shutil.ignore_patterns("__pycache__")
    )
    for folder in ("solutions", "solutions/kernels"):
        (site / folder / "__pycache__").write_text("in the way")
    nowhere = tmp_path / "nowhere"
    nowhere.write_text("in the way")
    done = child(
        CALL + "assert not tiles._broken; print(tiles.__file__)", cwd=tmp_path,
        flags=("-W", "error", "-P"), PYTHONPATH=str(site), PYTHONDONTWRITEBYTECODE="1",
        HOME=str(nowhere), XDG_CACHE_HOME=str(nowhere),
    )  # fmt: skip
    assert done.stdout.strip() == str(site / "solutions" / "kernels" / "tiles.py")
