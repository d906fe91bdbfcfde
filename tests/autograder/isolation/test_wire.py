"""The wire: plain data crosses unchanged, anything else is refused, malformed frames too."""

import json
import socket
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.isolation.wire import Channel, Closed, Expired, WireError, decode, encode

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**200), 2**200) | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


def across(value):
    buffers = []
    coded = json.loads(json.dumps(encode(value, buffers)))
    return decode(coded, buffers)


@given(plain)
def test_plain_values_cross_unchanged(value):
    assert repr(across(value)) == repr(value)


def layouts():
    a = np.arange(24.0).reshape(2, 3, 4)
    yield a
    yield np.asfortranarray(a)
    yield a.transpose(1, 2, 0)
    yield a[:, ::-1, ::2]
    yield np.zeros((0, 3))
    yield np.array(5, np.float32)
    yield a > 3
    yield a.astype(np.complex64)


@pytest.mark.parametrize("array", list(layouts()), ids=lambda a: f"{a.dtype}-{a.shape}-{a.strides}")
@pytest.mark.parametrize("writeable", [True, False])
def test_arrays_cross_with_dtype_shape_order_and_writeability(array, writeable):
    array = array.copy(order="K")
    array.flags.writeable = writeable
    got = across(array)
    assert got.dtype == array.dtype and np.array_equal(got, array)
    assert got.flags.writeable is writeable
    order = lambda a: sorted(range(a.ndim), key=lambda k: -a.strides[k])  # noqa: E731
    assert array.size == 0 or order(got) == order(array)


def test_numpy_numbers_cross_as_numpy_numbers():
    got = across(np.float32(1.5))
    assert type(got) is np.float32 and got == 1.5


class Sub(np.ndarray):
    pass


@pytest.mark.parametrize(
    "value",
    [
        object(),
        {1: 2},
        {1, 2},
        np.array([object()]),
        np.zeros(2).view(Sub),
        np.ma.array([1.0]),
        np.zeros(1, "datetime64[s]"),
        10**100,
        print,
    ],
    ids=lambda v: type(v).__name__,
)
def test_anything_else_is_refused(value):
    with pytest.raises(WireError):
        encode(value, [])


def test_too_deep_is_refused():
    value = []
    for _ in range(30):
        value = [value]
    with pytest.raises(WireError, match="deep"):
        encode(value, [])


@pytest.mark.parametrize(
    "coded",
    [
        {"array": ["float64", [2], [0], True, 0]},
        {"array": ["object", [1], [0], True, 0]},
        {"array": ["float64", [-1], [0], True, 0]},
        {"array": ["float64", [1, 1], [0, 0], True, 0]},
        {"array": ["float64", [1], [0], True, 7]},
        {"array": [1, 2]},
        {"pickle": "gASVC"},
        {"int": "9" * 1000},
        {"int": "x"},
        {"float": "1e5"},
        {"dict": [["a"]]},
        {"dict": [[1, 2]]},
        {"scalar": {"array": ["float64", [1], [0], True, 0]}},
        {"a": 1, "b": 2},
        {},
    ],
    ids=str,
)
def test_malformed_values_are_refused(coded):
    with pytest.raises(WireError):
        decode(coded, [b"\0" * 8])


@given(st.binary(max_size=200))
def test_random_bytes_never_do_more_than_raise(noise):
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.sendall(noise)
        theirs.shutdown(socket.SHUT_WR)
        channel = Channel(ours, most_bytes=1000)
        with pytest.raises((WireError, Closed)):
            while True:
                channel.receive()
        channel.close()


def test_a_frame_that_promises_too_much_is_refused_before_it_is_read():
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.sendall(struct.pack("<II", 10, 2**31))
        channel = Channel(ours)
        with pytest.raises(WireError, match="too large"):
            channel.receive()
        channel.close()


def test_a_silent_side_expires():
    ours, theirs = socket.socketpair()
    with theirs:
        channel = Channel(ours)
        with pytest.raises(Expired):
            channel.receive(lambda: True, poll=0.01)
        channel.close()
