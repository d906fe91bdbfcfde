"""What crosses between the judge and a learner's process: plain data in bounded frames, no pickle.

A frame is 8 bytes of lengths, a JSON header and the raw bytes of arrays. A value is None, bool,
int, float, str, a list, tuple or dict of values (keys are strings), a NumPy number or a NumPy
array of a plain dtype. Of an array dtype, shape, axis order in memory and the writeable flag
travel along. A function of the judge's crosses as a number: the other side may call it, with and
for plain data. Whoever reads bounds the size; whatever does not fit raises WireError.

This file runs on both sides and imports nothing of the project.
"""

import json
import math
import socket
import struct
from collections.abc import Callable
from typing import Any

import numpy as np

MOST_BYTES = 64 << 20  # of one array; of a frame twice as many
MOST_TEXT = 4 << 20  # of a frame's JSON, which takes up to 30 times as much when it is read
MOST_BUFFERS = 10_000
MOST_ITEMS = 2_000  # of a list or dict: answers hold few, large arrays
MOST_NODES = 20_000  # of a whole value's JSON: what reads it further on takes time for each
LONGEST = 10_000  # characters of a text in a value; of a key a hundredth
DEEPEST = 20
DTYPES = frozenset(
    "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 "
    "float16 float32 float64 complex64 complex128".split()
)
_LENGTHS = struct.Struct("<II")


class WireError(Exception):
    """A value or a frame that may not cross."""


class Closed(Exception):
    """The other side has gone."""


class Expired(Exception):
    """The answer did not come in time."""


def encode(
    value: Any, buffers: list[bytes], depth: int = 0, functions: list[Any] | None = None
) -> Any:
    """`value` as JSON; the bytes of its arrays are appended to `buffers`.

    Functions are refused, unless a list `functions` is there to take them.
    """
    if depth > DEEPEST:
        raise WireError(f"nested more than {DEEPEST} deep")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, list | tuple | dict) and len(value) > MOST_ITEMS:
        raise WireError(f"a {type(value).__name__} of {len(value)} items is too long")
    if isinstance(value, str):
        return value if len(value) <= LONGEST else _refuse(value)
    if type(value) is int:
        return {"int": str(value)} if abs(value) < 1 << 256 else _refuse(value)
    if type(value) is float:
        return value if math.isfinite(value) else {"float": repr(value)}
    if isinstance(value, np.generic) and (value.dtype.name in DTYPES or value.dtype.char in "gG"):
        return {"scalar": encode(np.asarray(value), buffers)}
    if type(value) is np.ndarray:
        return _encode_array(value, buffers)
    if type(value) in (list, tuple):
        items = [encode(v, buffers, depth + 1, functions) for v in value]
        return items if type(value) is list else {"tuple": items}
    if type(value) is dict and all(type(k) is str for k in value):
        pairs = value.items()
        return {"dict": [[k, encode(v, buffers, depth + 1, functions)] for k, v in pairs]}
    if callable(value) and functions is not None:
        functions.append(value)
        return {"function": len(functions) - 1}
    return _refuse(value)


def _refuse(value: Any) -> Any:
    raise WireError(f"a {type(value).__name__} can't be handed over")


def _encode_array(a: "np.ndarray[Any, Any]", buffers: list[bytes]) -> Any:
    if a.dtype.char in "gG":  # extended precision: not the same on all machines
        a = a.astype(np.float64 if a.dtype.char == "g" else np.complex128)
    a = a if a.dtype.isnative else a.astype(a.dtype.newbyteorder("="))
    if a.dtype.name not in DTYPES or not a.dtype.isnative:
        raise WireError(f"an array of dtype {a.dtype} can't be handed over")
    if a.nbytes > MOST_BYTES:
        raise WireError(f"an array of {a.nbytes} bytes is too large")
    order = sorted(range(a.ndim), key=lambda axis: -abs(a.strides[axis]))
    buffers.append(np.ascontiguousarray(a.transpose(order)).tobytes())
    head = [a.dtype.name, list(a.shape), order, bool(a.flags.writeable), len(buffers) - 1]
    return {"array": head}


def decode(coded: Any, buffers: list[bytes], function: Callable[[int], Any] | None = None) -> Any:
    """The value that `encode` wrote; WireError for anything that it could not have written.

    `function(number)` makes what stands for a function of the other side; without it, none may
    come.
    """
    _bounded(coded)
    once: list[bytes | None] = list(buffers)
    try:
        return _decode(coded, once, 0, function)
    except (KeyError, IndexError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise WireError(f"malformed value ({type(error).__name__})") from None


def _bounded(coded: Any) -> None:
    """Refuse what is small to send and long to look at."""
    ahead, nodes = [coded], 0
    while ahead:
        value = ahead.pop()
        if isinstance(value, list | dict):
            nodes += len(value)
            if nodes > MOST_NODES:
                raise WireError("a value of too many parts")
            ahead.extend(value.values() if isinstance(value, dict) else value)
        elif isinstance(value, str) and len(value) > LONGEST:
            raise WireError("a text that is too long")


def _decode(
    coded: Any, buffers: list[bytes | None], depth: int, function: Callable[[int], Any] | None
) -> Any:
    if depth > DEEPEST:
        raise WireError("nested too deep")
    if coded is None or isinstance(coded, bool | str | float):
        return coded
    if isinstance(coded, list):
        return [_decode(v, buffers, depth + 1, function) for v in coded]
    if not isinstance(coded, dict) or len(coded) != 1:
        raise WireError("malformed value")
    ((kind, content),) = coded.items()
    if kind == "int" and isinstance(content, str) and len(content) <= 80:
        return int(content)
    if kind == "float" and content in ("nan", "inf", "-inf"):
        return float(content)
    if kind == "scalar":
        array = _decode(content, buffers, depth + 1, None)
        if isinstance(array, np.ndarray) and array.shape == ():
            return array[()]
    if kind == "tuple" and isinstance(content, list):
        return tuple(_decode(v, buffers, depth + 1, function) for v in content)
    if kind == "dict" and isinstance(content, list):
        pairs = [(k, _decode(v, buffers, depth + 1, function)) for k, v in content]
        if all(isinstance(k, str) and len(k) <= LONGEST // 100 for k, _ in pairs):
            return dict(pairs)
    if kind == "array" and isinstance(content, list):
        return _decode_array(content, buffers)
    if kind == "function" and type(content) is int and function is not None:
        return function(content)
    raise WireError(f"malformed value of kind {str(kind)[:20]!r}")


def _decode_array(head: list[Any], buffers: list[bytes | None]) -> "np.ndarray[Any, Any]":
    """Each buffer makes one array: a short header must not make a thousand of a large one."""
    dtype, shape, order, writeable, number = head
    whole = all(type(n) is int and n >= 0 for n in [*shape, *order, number])
    if dtype not in DTYPES or not whole or sorted(order) != list(range(len(shape))):
        raise WireError("malformed array")
    content, buffers[number] = buffers[number], None
    if content is None or len(shape) > 32:
        raise WireError("malformed array")
    if math.prod(shape) * np.dtype(dtype).itemsize != len(content):
        raise WireError("an array's shape does not fit its bytes")
    stored = np.frombuffer(bytearray(content), dtype).reshape([shape[k] for k in order])
    array = stored.transpose(np.argsort(order)) if order else stored
    array.flags.writeable = bool(writeable)
    return array


def _without_halves(value: Any) -> Any:
    """JSON without lone surrogates in its texts: no file could take them."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_without_halves(v) for v in value]
    if isinstance(value, dict):
        return {_without_halves(k): _without_halves(v) for k, v in value.items()}
    return value


def _never() -> bool:
    return False


class Channel:
    """Frames over a stream socket.

    `expired` is asked now and then while the other side lets us wait.
    """

    def __init__(
        self, stream: socket.socket, most_bytes: int = 2 * MOST_BYTES, most_text: int = MOST_TEXT
    ) -> None:
        self.stream, self.most_bytes, self.most_text = stream, most_bytes, most_text

    def send(
        self,
        header: dict[str, Any],
        buffers: list[bytes],
        expired: Callable[[], bool] = _never,
        poll: float = 0.1,
    ) -> None:
        """One frame. Raises WireError if it is too large, Closed if nobody reads it, Expired."""
        text = json.dumps({**header, "buffers": [len(b) for b in buffers]}).encode()
        size = sum(map(len, buffers))
        self._check(len(text), size)
        self.stream.settimeout(poll)
        for part in (_LENGTHS.pack(len(text), size) + text, *buffers):
            self._write(memoryview(part), expired)

    def _write(self, left: memoryview, expired: Callable[[], bool]) -> None:
        while left:
            try:
                left = left[self.stream.send(left) :]
            except TimeoutError:
                if expired():
                    raise Expired from None
            except OSError as error:
                raise Closed from error

    def _check(self, text_size: int, size: int) -> None:
        if text_size > self.most_text or text_size + size > self.most_bytes:
            raise WireError(f"a frame of {text_size + size} bytes is too large")

    def receive(
        self, expired: Callable[[], bool] = _never, poll: float = 0.1
    ) -> tuple[dict[str, Any], list[bytes]]:
        """One frame. Raises Closed, Expired (as soon as `expired()` says so) or WireError."""
        text_size, size = _LENGTHS.unpack(self._read(_LENGTHS.size, expired, poll))
        self._check(text_size, size)
        text, rest = self._read(text_size, expired, poll), self._read(size, expired, poll)
        try:
            header = json.loads(text)
            if b"\\ud" in text.lower():
                header = _without_halves(header)
            sizes = header.pop("buffers")
            if any(type(n) is not int or n < 0 for n in sizes) or sum(sizes) != size:
                raise WireError("malformed frame")
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
            raise WireError("malformed frame") from None
        if len(sizes) > MOST_BUFFERS:
            raise WireError(f"{len(sizes)} buffers are too many")
        buffers, at = [], 0
        for n in sizes:
            buffers.append(bytes(rest[at : at + n]))
            at += n
        return header, buffers

    def _read(self, count: int, expired: Callable[[], bool], poll: float) -> bytearray:
        """`count` bytes; memory is taken as they come, not as they are promised."""
        got = bytearray()
        self.stream.settimeout(poll)
        while len(got) < count:
            try:
                part = self.stream.recv(min(count - len(got), 1 << 20))
            except TimeoutError:
                if expired():
                    raise Expired from None
                continue
            except OSError as error:
                raise Closed from error
            if not part:
                raise Closed
            got += part
            if len(got) < count and expired():
                raise Expired
        return got

    def close(self) -> None:
        self.stream.close()
