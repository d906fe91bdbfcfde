"""The digits that the book and the notebooks use, in a fixed shuffled order.

Pictures are x (T, 1, H, W) float32 in [0, 1], classes are label (T,) int64. The first
four fifths are for training, the rest for testing (`load_mnist(full=True)` says its own).
"""

import gzip
from importlib.resources import files
from pathlib import Path

import numpy as np

from solutions.arguments import Array

MNIST_SOURCES = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
MNIST_FILES = {
    "train-images-idx3-ubyte.gz": "md5:f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "md5:d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "md5:9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "md5:ec29112dd5afa0611ce80d1b7f02629c",
}


def load_digits() -> tuple[Array, Array]:
    """1,797 handwritten digits of 8 x 8 pixels: x (1797, 1, 8, 8), label (1797,).

    Train on the first 1,437. Source: Alpaydin and Kaynak (UCI, 1998); see data/README.md.
    """
    return _stored("digits8x8.npz", brightest=16)


def load_mnist(full: bool = False) -> tuple[Array, Array]:
    """10,000 handwritten digits of MNIST: x (10000, 1, 28, 28), label (10000,).

    Train on the first 8,000. With `full`, the official set is fetched once and kept in the
    user's cache: 60,000 for training, in a fixed shuffled order, then 10,000 for testing.

    Raises OSError, saying what to do, if `full` is asked for and no source answers.
    Source: LeCun, Cortes and Burges; see data/README.md.
    """
    return _full_mnist() if full else _stored("mnist10k.npz", brightest=255)


def _stored(name: str, brightest: int) -> tuple[Array, Array]:
    with np.load(str(files("solutions.data") / name)) as stored:
        x, label = stored["x"], stored["y"]
    return _shuffled(x, label, brightest)


def _shuffled(x: Array, label: Array, brightest: int) -> tuple[Array, Array]:
    order = np.random.default_rng(11785).permutation(len(x))
    pictures = x[order, None].astype(np.float32) / np.float32(brightest)
    return pictures, label[order].astype(np.int64)


def _full_mnist() -> tuple[Array, Array]:
    train_x, train_label, test_x, test_label = (_read_idx(_fetch(name)) for name in MNIST_FILES)
    x, label = _shuffled(train_x, train_label, 255)
    tests = test_x[:, None].astype(np.float32) / np.float32(255)
    return np.concatenate([x, tests]), np.concatenate([label, test_label.astype(np.int64)])


def _fetch(name: str) -> Path:
    """The file from the cache, or from the first source that has it with the right checksum."""
    import pooch

    folder, tried = pooch.os_cache("cnn-backprop"), []
    for source in MNIST_SOURCES:
        try:
            return Path(pooch.retrieve(source + name, MNIST_FILES[name], name, folder))
        except (OSError, ValueError) as error:  # no network; a file with another checksum
            tried.append(f"{source} ({type(error).__name__})")
    raise OSError(
        f"{name} of MNIST could not be fetched from {' or '.join(tried)}. With a network, try "
        f"again; without one, put the file into {folder}, or use load_mnist() with its 10,000 "
        "digits, which needs none."
    )


def _read_idx(path: Path) -> Array:
    """The array in a file of MNIST's own format: its number of axes, its sizes, its bytes."""
    content = gzip.decompress(path.read_bytes())
    axes = content[3]
    shape = np.frombuffer(content, ">i4", axes, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(shape)
