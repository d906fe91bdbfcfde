"""What the editor in a page asks Python for: run the learner's code, or check one function of it.

Each call runs the whole text of the editor in a fresh namespace, so that nothing is left over from
before, and answers with plain text and HTML in a dict; the page only shows it.
"""

import io
import linecache
import traceback
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.judge import judge
from autograder.tasks import get_task

FILE = "<your code>"
MOST_PRINTED = 10_000  # characters: a loop that prints must not fill the page

Answer = dict[str, Any]


class _Bounded(io.StringIO):
    """Keeps the first part of what is printed, and says so if there was more."""

    def write(self, text: str) -> int:
        room = MOST_PRINTED - self.tell()
        if room > 0:
            super().write(text[:room] + ("\n(more was printed)\n" if len(text) > room else ""))
        return len(text)


@dataclass
class _Ran:
    names: dict[str, Any]
    printed: str
    problem: str  # a traceback, or ""


def run(code: str, name: str) -> Answer:
    """Run the code; if it prints nothing, show what the function makes of its smallest example."""
    ran = _execute(code)
    if ran.problem or ran.printed:
        return _told(ran, "It stopped with an error." if ran.problem else "It ran.")
    function = ran.names.get(name)
    if not callable(function):
        return _told(ran, f"It ran and printed nothing. There is no function {name} in it.")
    examples = get_task(name).examples
    if not examples:
        return _told(ran, f"It ran and printed nothing; {name} is defined.")
    args = examples[0].args
    copies = tuple(a.copy() if isinstance(a, np.ndarray) else a for a in args)
    called = _execute(f"{code}\n\nprint({name}(*_example))", _example=copies)
    if called.problem:
        return _told(called, f"{name} stopped with an error, on its smallest example.")
    shown = f"{_call(name, args)}\n{called.printed}"
    return _told(_Ran({}, shown, ""), f"This is what {name} makes of its smallest example.")


def check(code: str, name: str) -> Answer:
    """The judge's report on the function that the code defines."""
    ran = _execute(code)
    if ran.problem:
        return _told(ran, "It stopped with an error, before anything could be checked.")
    function = ran.names.get(name)
    if not callable(function):
        return _told(ran, f"There is no function {name} to check: did its name change?")
    printed = _Bounded()
    with redirect_stdout(printed), redirect_stderr(printed):
        report = judge(name, function, level="check")
    return {
        "status": f"{report.score:g} of {report.points:g} points; the report stands below.",
        "printed": ran.printed + printed.getvalue(),
        "problem": "",
        "html": report.html(),
        "text": report.text(),
        "score": report.score,
        "points": report.points,
    }


def _execute(code: str, **given: Any) -> _Ran:
    names: dict[str, Any] = {"__name__": "__main__", **given}
    linecache.cache[FILE] = (len(code), None, code.splitlines(keepends=True), FILE)
    printed, problem = _Bounded(), ""
    with redirect_stdout(printed), redirect_stderr(printed):
        try:
            exec(compile(code, FILE, "exec"), names)
        except (Exception, SystemExit) as error:
            problem = _traceback(error)
    return _Ran(names, printed.getvalue(), problem)


def _traceback(error: BaseException) -> str:
    """The traceback from the learner's first line on."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != FILE:
        trace = trace.tb_next
    return "".join(traceback.format_exception(type(error), error, trace)).strip()


def _told(ran: _Ran, status: str) -> Answer:
    return {"status": status, "printed": ran.printed, "problem": ran.problem, "html": ""}


def _call(name: str, args: tuple[Any, ...]) -> str:
    """A call as text, an argument a line."""
    named = zip(get_task(name).arguments, args, strict=True)
    lines = [f"  {argument} {_value(value)}" for argument, value in named]
    return "\n".join([f"{name} with", *lines, "returns"])


def _value(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.shape} = {' '.join(np.array2string(value, separator=', ').split())}"
    return f"= {getattr(value, '__name__', None) or repr(value)}"
