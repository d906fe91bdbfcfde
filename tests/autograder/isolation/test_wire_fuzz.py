"""The judge's side against whatever a learner's side may say: no crash, no hang, no growing memory.

Frames that could have come from a learner are broken at random: bits, lengths, parts left out,
doubled or exchanged, other JSON in any place. They arrive as answers to calls and to cells.
"""

import json
import random
import resource
import socket
import struct
import time

import numpy as np
import pytest

from autograder.isolation import session as sessions
from autograder.isolation import wire
from autograder.isolation.session import Limits, Session, Unreadable
from autograder.observe import LearnerError

LIMITS = Limits(call_cpu=1e6, cell_cpu=1e6, wall_factor=1e-8, whole_wall=1e6, whole_cpu=1e9)
PLAIN = (type(None), bool, int, float, str, list, tuple, dict, np.ndarray, np.generic, Unreadable)

VALUES = (
    None, True, 7, -(2**200), 1.5, float("nan"), "text", [1, [2.0, "x"]], (1, (2,)),
    {"a": [1], "b": {"c": 2.0}}, np.arange(6.0).reshape(2, 3), np.float32(3), np.zeros((0, 2)),
    np.asfortranarray(np.ones((2, 3, 4), np.float32)), [np.ones(2), np.zeros(3, bool)],
)  # fmt: skip

ODD = (
    None, True, -1, 2**31, 2**64, 10**30, 0.5, "", "array", "\ud800\x00", [], {}, [[]], {"array": []},
    {"array": ["float64", [2**62, 0], [0, 1], True, 0]}, {"array": ["float64", [3], [0], True, 0]},
    {"array": [["float64"], [3], [0], True, 0]}, {"scalar": {"scalar": 1}}, {"function": 0},
    {"int": "1_0"}, {"int": "٣"}, {"tuple": {"tuple": []}}, {"dict": [["a", 1], ["a", 2]]},
    {"dict": [[{}, 1]]}, {"float": []}, {"callback": 0},
)  # fmt: skip


def answers(rng):
    """A right answer: its header and its buffers."""
    buffers = []
    value = wire.encode(rng.choice(VALUES), buffers)
    kind = rng.randrange(6)
    if kind == 0:
        return {"error": {"class": "E", "message": "m", "line": "l"}, "text": ""}, []
    if kind == 1:
        return {"refused": "no", "kind": "object", "changed": []}, []
    if kind == 2:
        return {"text": "said\n", "png": ["iVBORw0KGgo="]}, []
    if kind == 3:
        return {"callback": rng.randrange(-1, 3), "args": [value]}, buffers
    changed = [[rng.randrange(3), wire.encode(np.ones((2, 3)), buffers)]] if kind == 4 else []
    return {"value": value, "changed": changed, "text": ""}, buffers


def paths(value, path=()):
    """Every place in a JSON value."""
    yield path
    pairs = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, inner in pairs:
        yield from paths(inner, (*path, key))


def put(value, path, new):
    """The value with another one in this place."""
    if not path:
        return new
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[path[0]] = put(copied[path[0]], path[1:], new)
    return copied


def broken(rng):
    """One frame's bytes."""
    header, buffers = answers(rng)
    header = {**header, "buffers": [len(b) for b in buffers]}
    for _ in range(rng.randrange(3)):
        header = put(header, rng.choice(list(paths(header))), rng.choice(ODD))
    text, body = json.dumps(header).encode(), b"".join(buffers)
    lengths = [len(text), len(body)]
    how = rng.randrange(10)
    if how == 0:
        lengths[rng.randrange(2)] = rng.choice((0, 1, 7, 2**22, 2**28, 2**32 - 1))
    frame = struct.pack("<II", *lengths) + text + body
    if how == 1:
        frame = frame[: rng.randrange(len(frame))]
    elif how == 2:
        at, bit = rng.randrange(len(frame)), 1 << rng.randrange(8)
        frame = frame[:at] + bytes([frame[at] ^ bit]) + frame[at + 1 :]
    elif how == 3:
        a, b = sorted(rng.randrange(len(frame)) for _ in range(2))
        frame = frame[:b] + frame[a:]
    elif how == 4:
        frame = rng.randbytes(rng.randrange(64))
    return frame


class Said:
    """Stands for a learner's process: it has said one thing and ended."""

    def __init__(self, frame):
        ours, theirs = socket.socketpair()
        theirs.setblocking(False)
        try:
            theirs.sendall(frame)
        except BlockingIOError:
            pass
        theirs.shutdown(socket.SHUT_WR)
        self.theirs, self.channel = theirs, wire.Channel(ours)

    def cpu_clock(self):
        return 0.0

    def end(self):
        self.theirs.close()
        self.channel.close()
        return ""


def plain(value, depth=0):
    assert depth < 60 and isinstance(value, PLAIN), type(value)
    for inner in (
        value.values()
        if isinstance(value, dict)
        else value
        if isinstance(value, list | tuple)
        else ()
    ):
        plain(inner, depth + 1)


def hear(monkeypatch, frame, rng):
    """The frame as the answer to a call or to a cell: a value, a told error, or LearnerError."""
    monkeypatch.setattr(sessions, "start_process", lambda limits: Said(frame))
    with Session(LIMITS) as session:
        try:
            if rng.random() < 0.7:
                a = np.arange(6.0).reshape(2, 3)
                plain(session.call("f", (a, lambda x: x)))
                assert a.shape == (2, 3) and a.dtype == np.float64
            else:
                told = session.run("pass")
                assert set(told) <= {"text", "png", "error"} and isinstance(told["text"], str)
                json.dumps(told, ensure_ascii=False).encode()
        except LearnerError as error:
            str(error).encode()


def fuzz(monkeypatch, frames, seed):
    rng = random.Random(seed)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    slowest = 0.0
    for _ in range(frames):
        started = time.process_time()
        hear(monkeypatch, broken(rng), rng)
        slowest = max(slowest, time.process_time() - started)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 300_000, f"{grown} KiB more than before"
    assert slowest < 5


def test_two_thousand_broken_frames_do_no_more_than_raise(monkeypatch):
    fuzz(monkeypatch, 2_000, seed=1)


@pytest.mark.slow
def test_a_hundred_thousand_broken_frames_do_no_more_than_raise(monkeypatch):
    fuzz(monkeypatch, 100_000, seed=2)


@pytest.mark.parametrize(
    "header",
    [
        '{"value": [' + "[]," * 1_300_000 + '[]], "buffers": []}',
        '{"value": {"dict": [' + '["a", 1],' * 400_000 + '["a", 1]]}, "buffers": []}',
        '{"value": "' + "\\ud800" * 600_000 + '", "buffers": []}',
        '{"value": [' + '{"array": ["float64", [131072], [0], true, 0]},' * 50_000
        + '0], "buffers": [1048576]}',
        '{"value": 1, "buffers": [' + "0," * 1_000_000 + "1048576]}",
    ],
    ids=["lists", "pairs", "half-characters", "one-buffer-many-arrays", "many-buffers"],
)  # fmt: skip
def test_a_short_frame_makes_no_large_value(monkeypatch, header):
    """What a frame of the allowed size can make of the judge's memory is bounded."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ours, theirs = socket.socketpair()
    import threading

    frame = struct.pack("<II", len(header), 1 << 20) + header.encode() + bytes(1 << 20)

    def say():
        try:
            theirs.sendall(frame)
        except OSError:
            pass
        theirs.close()

    speaker = threading.Thread(target=say)
    speaker.start()
    channel = wire.Channel(ours)
    try:
        answer, buffers = channel.receive()
        wire.decode(answer["value"], buffers)
    except (wire.WireError, wire.Closed):
        pass
    channel.close()
    speaker.join()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 400_000, f"{grown} KiB more than before"
