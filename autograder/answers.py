"""Functions as the cells that a learner would hand in: right answers, and every misconception."""

import ast
import copy
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from functools import partial
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np
from nbformat import NotebookNode

from autograder import behaviours
from autograder.task import Function, Misconception, Task

# What a helper's annotations name does not exist in a notebook: they are not evaluated.
UNEVALUATED = "from __future__ import annotations\n"


def solved(blank: NotebookNode, answers: Mapping[str, str]) -> NotebookNode:
    """The released notebook with these answers, {task name: source}, in its answer cells."""
    notebook = copy.deepcopy(blank)
    for cell in notebook.cells:
        name = str(cell.metadata.get("nbgrader", {}).get("grade_id", "")).removesuffix("-answer")
        if name in answers and cell.metadata.nbgrader.solution:
            cell.source = answers[name]
    return notebook


def answer_source(function: Function, task: Task) -> str:
    """A cell that answers the task by this function's body, without annotations of ours.

    What it calls of other tasks' answers is the notebook's own.
    """
    source = textwrap.dedent(inspect.getsource(function))
    definition = ast.parse(source).body[0]
    assert isinstance(definition, ast.FunctionDef)
    body = source.splitlines()[definition.body[0].lineno - 1 :]
    used = dict(_used(function))
    imports = [f"import {v.__name__} as {k}" for k, v in used.items() if isinstance(v, ModuleType)]
    typed = [v for v in used.values() if not isinstance(v, ModuleType | FunctionType)]
    head = [UNEVALUATED] * bool(typed) + [*imports, "\n"] * bool(imports)
    return "\n".join([*head, head_of(task), *body]) + "\n"


def head_of(task: Task) -> str:
    """The line that begins the answer."""
    return f"def {task.signature}:"


def wrong_source(misconception: Misconception, task: Task) -> str:
    """A cell that answers the task just as the misconception does, whatever the others do.

    All that it needs is inside one function of its own, so that two such cells in a notebook,
    or a right answer to another task, do not get into each other's way.
    """
    wrong = misconception.wrong
    assert isinstance(wrong, partial)
    if wrong.func.__module__ == behaviours.__name__:
        first: Function = task.solution
        helpers = [*_sources(task.solution), *_sources(wrong.func)]
        called, given = wrong.func.__name__, first.__name__
        if "<locals>" in wrong.func.__qualname__:  # it has a memory, made by the function around it
            maker = wrong.func.__qualname__.split(".")[0]
            helpers[-1] = inspect.getsource(getattr(behaviours, maker))
            called = f"{maker}()"
    else:  # a switch, which may be wrapped so that its result is kept
        switches = wrong.args[0] if isinstance(wrong.args[0], frozenset) else {wrong.args[0]}
        helpers = list(_sources(task.wrong))
        called, given = task.wrong.__name__, f"frozenset({sorted(switches)})"
    body = "\n\n".join(textwrap.dedent(h).rstrip() for h in dict.fromkeys(helpers))
    made = f"_wrong_{task.name}"
    arguments = ", ".join(task.arguments)
    return (
        f"{UNEVALUATED}from functools import partial\nfrom itertools import count\n\n\n"
        f"def {made}():\n{textwrap.indent(body, '    ')}\n\n"
        f"    return partial({called}, {given})\n\n\n"
        f"{made} = {made}()\n\n\n"
        f"{head_of(task)}\n    return {made}({arguments})\n"
    )


def _sources(function: Function) -> Iterator[str]:
    """The sources of the functions and modules that this one uses, then its own."""
    for name, value in _used(function):
        if isinstance(value, ModuleType):
            yield f"import {value.__name__} as {name}"
        elif isinstance(value, FunctionType) and value is not function:
            yield from _sources(value)
    yield inspect.getsource(function)


def _used(function: Function) -> Iterator[tuple[str, Any]]:
    """(name, value) of the globals of a function's module that it uses, NumPy aside."""
    function = inspect.unwrap(function)
    module = function.__globals__
    for name in dict.fromkeys(_names(function.__code__)):
        if name in module and module[name] is not np:
            yield name, module[name]


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
