"""Which of the backends computes: one switch for the process, and one for a thread or a task.

`import solutions` imports none of them; the first call that needs one does.
"""

import importlib
import importlib.util
import threading
from contextvars import ContextVar, Token
from functools import cache
from types import TracebackType
from typing import cast

from solutions.kernels import Backend

# name: (its module, does it need Numba?), the fastest first
_BACKENDS = {
    "tiles": ("solutions.kernels.tiles", True),
    "im2col": ("solutions.kernels.im2col", True),
    "numpy": ("solutions.kernels.plain", False),
    "loops": ("solutions.kernels.loops", True),
}

_lock = threading.Lock()
_statements: list["use_backend"] = []  # the last one rules the process
_here: ContextVar[str | None] = ContextVar("backend of this thread or task", default=None)


def _found(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


@cache
def _load(name: str) -> Backend:
    """The backend's module; ImportError where it cannot run."""
    module, needs_numba = _BACKENDS[name]
    if not _found(module):
        raise ImportError(f"the backend {name!r} is not part of this version of solutions")
    try:
        return cast(Backend, importlib.import_module(module))
    except ImportError as error:
        if not needs_numba:
            raise
        raise ImportError(
            f"the backend {name!r} needs Numba (pip install numba); here it cannot be imported: "
            f"{error}. The backend 'numpy' works without it."
        ) from error


@cache
def _fastest() -> str:
    """The first backend that this machine has. Numba may be there and too old for this NumPy."""
    for name, (module, needs_numba) in _BACKENDS.items():
        if _found(module) and (not needs_numba or _found("numba")):
            try:
                _load(name)
            except ImportError:
                continue
            return name
    raise AssertionError("the backend 'numpy' needs nothing")


class use_backend:
    """Let the layers compute with the backend `name`: "numpy", "loops", "im2col" or "tiles".

    As a statement, `use_backend("numpy")`, it holds for the process, from now on. As a context
    manager, `with use_backend("numpy"):`, it holds for this thread (or asyncio task) only, and the
    choice of before is back at the block's end. A block's choice goes before the process's.
    Without any, the fastest backend that the machine has is used.

    All backends give the same answers, up to rounding. Raises ValueError for an unknown name, and
    ImportError for a backend that this machine (no Numba) or this version does not have.
    """

    def __init__(self, name: str) -> None:
        if not isinstance(name, str) or name not in _BACKENDS:
            choices = ", ".join(map(repr, _BACKENDS))
            raise ValueError(f"`name` (={name!r}) must be one of {choices}")
        _load(name)
        self._name = name
        self._tokens: list[Token[str | None]] = []
        with _lock:
            _statements.append(self)

    def __enter__(self) -> None:
        with _lock:  # it was no statement after all
            _statements[:] = [choice for choice in _statements if choice is not self]
        self._tokens.append(_here.set(self._name))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _here.reset(self._tokens.pop())


def backend_name() -> str:
    """The name of the backend that a layer called here and now would use."""
    name = _here.get()
    if name is not None:
        return name
    statements = _statements[-1:]  # in one step: another thread may change the list
    return statements[0]._name if statements else _fastest()


def backend() -> Backend:
    """The functions of the backend that is chosen here and now."""
    return _load(backend_name())
