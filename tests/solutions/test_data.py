"""The digits: their form, an order that never changes, and the full set when there is a network."""

import gzip
import hashlib
import http.server
import threading

import numpy as np
import pytest

from solutions import data, load_digits, load_mnist

SETS = pytest.mark.parametrize(
    ("load", "shape", "train", "first"),
    [
        (load_mnist, (10_000, 1, 28, 28), 8000, [3, 9, 5, 0, 2, 1, 1, 4, 0, 0]),
        (load_digits, (1797, 1, 8, 8), 1437, None),
    ],
)


@SETS
def test_digits_have_one_form_and_one_order(load, shape, train, first):
    x, label = load()
    assert x.shape == shape and x.dtype == np.float32
    assert label.shape == shape[:1] and label.dtype == np.int64
    assert x.min() == 0 and x.max() == 1
    assert first is None or label[:10].tolist() == first
    assert np.array_equal(load()[1], label)


@SETS
def test_every_class_is_in_both_parts(load, shape, train, first):
    _, label = load()
    for part in (label[:train], label[train:]):
        assert np.bincount(part, minlength=10).min() > 0.07 * len(part)


def test_no_picture_is_in_both_parts_of_mnist():
    x, _ = load_mnist()
    seen = {picture.tobytes() for picture in x[:8000]}
    assert sum(picture.tobytes() in seen for picture in x[8000:]) == 0


def idx(a):
    return gzip.compress(
        bytes([0, 0, 8, a.ndim]) + np.array(a.shape, ">i4").tobytes() + a.astype(np.uint8).tobytes()
    )


@pytest.fixture
def server(tmp_path, monkeypatch):
    """The four files on this machine, and an empty cache."""
    rng = np.random.default_rng(0)
    for part, count in (("train", 6), ("t10k", 3)):
        pictures, classes = rng.integers(0, 256, (count, 28, 28)), rng.integers(0, 10, count)
        (tmp_path / f"{part}-images-idx3-ubyte.gz").write_bytes(idx(pictures))
        (tmp_path / f"{part}-labels-idx1-ubyte.gz").write_bytes(idx(classes))
    hashes = {
        name: "sha256:" + hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()
        for name in data.MNIST_FILES
    }
    monkeypatch.setattr(data, "MNIST_FILES", hashes)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(tmp_path))

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}/"
        running.shutdown()
        thread.join()


def test_the_full_set_is_fetched_checked_and_kept(server, monkeypatch):
    nobody = "http://127.0.0.1:9/"  # the first source does not answer: the second is asked
    monkeypatch.setattr(data, "MNIST_SOURCES", (nobody, server))
    x, label = load_mnist(full=True)
    assert x.shape == (9, 1, 28, 28) and x.dtype == np.float32 and label.dtype == np.int64
    monkeypatch.setattr(data, "MNIST_SOURCES", (nobody,))
    assert np.array_equal(load_mnist(full=True)[0], x), "the second time needs no network"


def test_without_a_network_the_full_set_says_what_to_do(server, monkeypatch):
    monkeypatch.setattr(data, "MNIST_SOURCES", ("http://127.0.0.1:9/",))
    with pytest.raises(OSError, match=r"could not be fetched.*load_mnist\(\) with its 10,000"):
        load_mnist(full=True)


def test_a_file_with_another_checksum_is_refused(server, monkeypatch):
    wrong = dict.fromkeys(data.MNIST_FILES, "sha256:" + "0" * 64)
    monkeypatch.setattr(data, "MNIST_FILES", wrong)
    monkeypatch.setattr(data, "MNIST_SOURCES", (server,))
    with pytest.raises(OSError, match="could not be fetched"):
        load_mnist(full=True)
