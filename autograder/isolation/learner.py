"""The program on the learner's side: runs notebook cells as IPython does and answers calls.

In the sandbox it is a fork of the nursery (nursery.py); without one it is started as a script. It
imports nothing of the course. The `autograder` that cells import is a stand-in: the
gradient-check tools, a `check` that does nothing, as verdicts are made on the other side, and what
the other side sends for the notebook's chapter: the layers of earlier chapters and the digits.
Nothing that this process says is trusted.

    python -I learner.py SOCKET GRADCHECK_FILE LIMITS_JSON
"""

import importlib.util
import io
import json
import linecache
import os
import socket
import sys
import traceback
import types
from typing import Any

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import confine  # type: ignore[import-not-found]
import layers  # type: ignore[import-not-found]  # beside this file; no package of the project
import wire  # type: ignore[import-not-found]

sys.path.pop(0)


class Hidden:
    """An import finder for which the course's own packages do not exist."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name.split(".")[0] in ("autograder", "solutions"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def stand_in(gradcheck_file: str) -> None:
    """Make `import autograder` give the tools and a `check` that does nothing."""
    package = types.ModuleType("autograder", "The course's tools; verdicts are made elsewhere.")
    package.__path__ = []
    sys.meta_path.insert(0, Hidden())
    package.check = lambda function, name: None  # type: ignore[attr-defined]
    package.stuck = lambda *args, **named: None  # type: ignore[attr-defined]
    spec = importlib.util.spec_from_file_location("autograder.gradcheck", gradcheck_file)
    assert spec is not None and spec.loader is not None
    tools = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tools)
    package.gradcheck = tools  # type: ignore[attr-defined]
    sys.modules.update({"autograder": package, "autograder.gradcheck": tools})


def give(chapter: str, rows: list[Any], digits: tuple[Any, ...]) -> None:
    """Make `autograder.given` and `autograder.digits`, for a notebook of this chapter."""
    package = sys.modules["autograder"]
    for name, member, value in (
        ("given", "before", layers.before_in(rows, chapter)),
        ("digits", "load_digits", lambda: tuple(a.copy() for a in digits)),
    ):
        module = types.ModuleType(f"autograder.{name}")
        setattr(module, member, value)
        setattr(package, name, module)
        sys.modules[module.__name__] = module


class Output(io.TextIOBase):
    """Keeps what is printed, up to a limit."""

    MOST = 20_000

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.left = self.MOST

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self.left > 0:
            self.parts.append(text[: self.left])
            self.left -= len(text)
            if self.left <= 0:
                self.parts.append("\n[output cut here]\n")
        return len(text)

    def take(self) -> str:
        text = "".join(self.parts)
        self.parts, self.left = [], self.MOST
        return text


MOST_PICTURES = 3 << 20  # bytes of all the pictures of a cell, as text


def make_shell() -> Any:
    """An IPython shell without history, colours or start-up files."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = InteractiveShell.instance(config=config)
    shell.enable_gui = lambda gui=None: None  # for `%matplotlib inline`
    shell._showtraceback = lambda kind, value, lines: print("\n".join(lines))
    return shell


WARM_UP = (
    "import numpy as np",
    "1/0",
    "def f(:",
    "%time 1",
    "print(np.zeros((2, 2)) @ np.ones(2))",
)


def warm_up(shell: Any) -> None:
    """Run what loads the parts of IPython that most notebooks need, then forget it."""
    printed = Output()
    kept = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = printed
    try:
        for source in WARM_UP:
            run_cell(shell, source, printed)
        shell.user_ns["f"] = lambda a: a
        call(shell, "f", [], printed)
    finally:
        sys.stdout, sys.stderr = kept
    shell.reset(new_session=False)


def run_cell(shell: Any, source: str, printed: Output) -> dict[str, Any]:
    """Run one cell; what it printed and displayed, and its error if it raised one."""
    from IPython.utils.capture import capture_output

    with capture_output(stdout=False, stderr=False) as shown:
        result = shell.run_cell(source, store_history=False)
    pictures = [o.data["image/png"] for o in shown.outputs if "image/png" in o.data][:10]
    while sum(map(len, pictures)) > MOST_PICTURES:
        pictures.pop()
    error = result.error_before_exec or result.error_in_exec
    answer: dict[str, Any] = {"text": printed.take(), "png": pictures}
    if error is not None:
        answer["error"] = describe(error, None)
    return answer


def call(
    shell: Any, name: str, args: list[Any], printed: Output
) -> tuple[dict[str, Any], list[bytes]]:
    """Call the learner's function; its value, or its error, and the arguments that it changed."""
    function = shell.user_ns.get(name)
    if not callable(function):
        return {"missing": True}, []
    before = [a.copy() for a in arrays_in(args)]
    try:
        value = function(*args)
    except BaseException as error:
        return {"error": describe(error, function), "text": printed.take()}, []
    buffers: list[bytes] = []
    try:
        header: dict[str, Any] = {"value": wire.encode(value, buffers)}
    except wire.WireError as error:
        header, buffers = {"refused": str(error), "kind": type(value).__name__}, []
    changed = [
        [k, wire.encode(now, buffers)]
        for k, (old, now) in enumerate(zip(before, arrays_in(args), strict=False))
        if old.tobytes() != now.tobytes()
    ]
    return {**header, "changed": changed, "text": printed.take()}, buffers


def arrays_in(value: Any) -> list[Any]:
    """The arrays of a nested value, in a fixed order."""
    if isinstance(value, list | tuple):
        return [a for v in value for a in arrays_in(v)]
    if isinstance(value, dict):
        return [a for k in sorted(value) for a in arrays_in(value[k])]
    return [value] if hasattr(value, "tobytes") and hasattr(value, "copy") else []


def remote(channel: wire.Channel, number: int) -> Any:
    """What stands here for a function of the judge's, of one argument x."""

    def function(x: Any) -> Any:
        buffers: list[bytes] = []
        channel.send({"callback": number, "args": wire.encode([_plain(x)], buffers)}, buffers)
        header, back = channel.receive()
        if "error" in header:
            raise ValueError(header["error"])
        return wire.decode(header["value"], back)

    return function


def _plain(x: Any) -> Any:
    """An array as NumPy's own, and of numbers: what a formula takes in the notebook, it takes here."""
    if not isinstance(x, np.ndarray):
        return x
    plain = np.asarray(x)
    return plain.astype(float) if plain.dtype == object else plain


def describe(error: BaseException, function: Any) -> dict[str, str]:
    """The error's class and message, and the learner's own line that raised it."""
    line = ""
    code = getattr(function, "__code__", None)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if code is not None and frame.filename == code.co_filename and frame.lineno:
            line = linecache.getline(frame.filename, frame.lineno).strip()
            break
    try:
        message = str(error)[:1000]
    except Exception:
        message = ""
    return {"class": type(error).__name__[:80], "message": message, "line": line[:200]}


def serve(channel: wire.Channel, shell: Any) -> None:
    """Answer until the other side closes."""
    printed = Output()
    sys.stdout = sys.stderr = printed
    while True:
        try:
            header, buffers = channel.receive()
        except wire.Closed:
            return
        answer: dict[str, Any] = {"malformed": True}
        sent: list[bytes] = []
        if "given" in header:
            give(header["chapter"], header["given"], wire.decode(header["digits"], buffers))
            answer = {}
        elif "run" in header:
            answer = run_cell(shell, header["run"], printed)
        elif "call" in header:
            args = list(wire.decode(header["args"], buffers, lambda k: remote(channel, k)))
            answer, sent = call(shell, header["call"], args, printed)
        try:
            channel.send(answer, sent)
        except wire.WireError as error:
            kept = {"refused": str(error), "kind": "value that is too large", "text": "", "png": []}
            channel.send(kept, [])


def main() -> None:
    number, gradcheck_file, limits = sys.argv[1:4]
    channel = wire.Channel(socket.socket(fileno=int(number)))
    stand_in(gradcheck_file)
    shell = make_shell()
    confine.limit(json.loads(limits))
    sys.stdin = io.StringIO()
    channel.send({"ready": True}, [])
    serve(channel, shell)


if __name__ == "__main__":
    main()
