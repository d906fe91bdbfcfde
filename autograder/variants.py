"""Variants of the tasks, for credit: the same gradient in another convention.

The model answers are public. A variant, drawn from a seed, stores arrays with their axes in
another order, reads filters backward along one axis, gives pairs with columns first, and has one
more factor in forward. An answer copied from the book then gets nothing; one that was understood
is a few lines away. Everything follows from the task itself: `restore` brings arguments into the
book's letters, `convert` takes results out of them.

`get_task("conv_dw@7")` is the variant 7 of `conv_dw`.
"""

import inspect
import linecache
import re
import textwrap
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from autograder.task import Case, Function, Misconception, Property, Task

# The book's index letters of each kind of array, with the sizes that go with them.
LETTERS = {"y": "tmrc", "z": "tnrc", "w": "nmij", "mask": "rc"}
SIZES = {
    "y": ("T", "M", "H", "W"),
    "z": ("T", "N", "H_out", "W_out"),
    "w": ("N", "M", "KH", "KW"),
    "mask": ("H_out", "W_out"),
}
# Which kind an argument or an output is, by its name: a gradient is stored like its value.
KINDS = {"y": "y", "dy": "y", "dy_padded": "y", "dz": "z", "w": "w", "dw": "w", "mask": "mask"}
# Layers that leave the number of maps alone: what comes out has y's letters.
SAME_MAPS = {"downsample_backward": {"dz": "y"}, "upsample_backward": {"dz": "y"}}
UPSTREAM = ("dz", "dy_padded")  # the gradient that comes in: the factor of forward acts on it
PAIRS = ("stride", "factor", "padding")  # rows first in the book
ORDERS = {
    "y": ("trcm", "mtrc", "rctm", "mrct"),
    "z": ("trcn", "ntrc", "rctn", "nrct"),
    "w": ("mnij", "ijmn", "ijnm", "mijn"),
    "mask": ("cr",),
}
FACTORS = (2.0, 3.0, 0.5, 1.5)
BACKWARD = ("", "i", "j")
CHAPTERS = ("ch05", "ch06", "ch07", "ch08")  # all of whose tasks have variants


@dataclass(frozen=True)
class Convention:
    """What a variant changes: the order of axes by kind, the filter's backward axis, the factor."""

    seed: int
    orders: dict[str, str]
    backward: str
    factor: float

    def converted(self, value: Any, kind: str) -> Any:
        """An array of the book's, as the variant stores it; a shape likewise."""
        axes = [LETTERS[kind].index(letter) for letter in self.orders[kind]]
        if isinstance(value, tuple):
            return tuple(value[axis] for axis in axes)
        moved = np.transpose(value, axes)[self._flips(kind, self.orders[kind])]
        return _like(value, moved)

    def restored(self, value: Any, kind: str) -> Any:
        """The way back."""
        axes = [self.orders[kind].index(letter) for letter in LETTERS[kind]]
        if isinstance(value, tuple):
            return tuple(value[axis] for axis in axes)
        return _like(value, np.transpose(value, axes)[self._flips(kind, LETTERS[kind])])

    def _flips(self, kind: str, letters: str) -> tuple[slice, ...]:
        flipped = self.backward if kind == "w" else ""
        return tuple(slice(None, None, -1 if a == flipped else None) for a in letters)


def _like(value: Any, moved: Any) -> Any:
    """`moved`, in one piece if `value` was, and as writeable."""
    made = np.array(moved, order="C") if value.flags.c_contiguous else moved.copy(order="K")
    made.flags.writeable = value.flags.writeable
    return made


def convention(chapter: str, seed: int) -> Convention:
    """The variant's convention: the same for all tasks of a chapter."""
    rng = np.random.default_rng([seed, zlib.crc32(chapter.encode())])
    orders = {kind: str(rng.choice(rows)) for kind, rows in ORDERS.items()}
    return Convention(seed, orders, str(rng.choice(BACKWARD)), float(rng.choice(FACTORS)))


def asked(name: str, source: str) -> str:
    """The task as a check cell names it: "conv_dw@7" in a variant's notebook, else `name`."""
    found = re.search(rf'"{re.escape(name)}@(\d+)"', source)
    return f"{name}@{found[1]}" if found else name


def variants_in(submitted: Path, most: int = 50) -> set[int]:
    """The variants' seeds in the check cells of more than half of (some of) the students.

    What one learner writes into files, however many, or puts in their place, decides nothing.
    """
    looked_at = [_seeds_of(place) for place in sorted(submitted.glob("*"))[:most]]
    seeds = [found for found in looked_at if found is not None]
    counted = Counter(seed for found in seeds for seed in found)
    return {seed for seed, count in counted.items() if 2 * count > len(seeds)}


def _seeds_of(student: Path, most: int = 20) -> set[int] | None:
    """The seeds that a student's notebooks name; None if there is nothing to be read."""
    from autograder.submission import Unreadable, read_file  # late: notebooks need no nbformat

    found: set[int] | None = None
    for path in sorted(student.glob("*/*.ipynb"))[:most]:
        try:
            text = read_file(path)[: 1 << 20].decode("utf-8", "replace")
        except (Unreadable, OSError):
            continue
        named = re.findall(r'check\(\w+, \\"\w+@(\d{1,18})\\"\)', text)
        found = (found or set()) | {int(seed) for seed in named}
    return found


@cache
def variant(task: Task, seed: int) -> Task:
    """The task in the convention that the seed draws.

    Raises ValueError for a chapter without variants or a negative seed.
    """
    if seed < 0:
        raise ValueError(f"`seed` (={seed!r}) of a variant must be at least 0")
    if task.chapter not in CHAPTERS:
        raise ValueError(
            f"`chapter` (={task.chapter!r}) has no variants; these have: {', '.join(CHAPTERS)}"
        )
    return _Variant(task, convention(task.chapter, seed)).task()


class _Variant:
    """One task in one convention."""

    def __init__(self, task: Task, how: Convention) -> None:
        self.base, self.how = task, how
        kinds = {**KINDS, **SAME_MAPS.get(task.name, {})}
        self.kinds_in = [kinds.get(name, "") for name in task.arguments]
        self.kinds_out = [kinds.get(o.name, "") for o in task.outputs]

    def task(self) -> Task:
        base = self.base
        solution = self._solution()
        wrong = self._wrapped(base.wrong, first=1)
        return replace(
            base,
            solution=solution,
            shapes=lambda *args: self._convert(base.shapes(*self._restore(args))),
            expected=lambda *args: self._convert(base.expected(*self._restore(args))),
            identity=base.identity and self._identity,
            properties=tuple(self._property(p) for p in base.properties),
            examples=tuple(self._case(c) for c in base.examples),
            wrong=wrong,
            misconceptions=(
                *self._own_misconceptions(),
                *(self._misconception(m, wrong, solution) for m in base.misconceptions),
            ),
        )

    # ----- there and back -----

    def _restore(self, args: tuple[Any, ...], factor: bool = True) -> tuple[Any, ...]:
        """The arguments in the book's letters; the factor of forward acts on what comes in."""
        restored = []
        for name, kind, value in zip(self.base.arguments, self.kinds_in, args, strict=True):
            if name in PAIRS and isinstance(value, tuple):
                value = value[::-1]
            elif name == "shape":
                value = self.how.restored(value, "y")
            elif kind:
                value = self.how.restored(value, kind)
                if factor and name in UPSTREAM:
                    value = value * value.dtype.type(self.how.factor)
            restored.append(value)
        return tuple(restored)

    def _convert(self, values: Any) -> tuple[Any, ...]:
        """Results, or their shapes, out of the book's letters."""
        return tuple(
            self.how.converted(value, kind) if kind and np.ndim(value) else value
            for kind, value in zip(self.kinds_out, values, strict=True)
        )

    def _wrapped(self, function: Function, first: int = 0, factor: bool = True) -> Function:
        """`function` with its arguments restored (after the first few) and its results converted."""

        def wrapped(*args: Any) -> Any:
            answer = function(*args[:first], *self._restore(args[first:], factor))
            many = isinstance(answer, tuple)
            try:
                converted = self._convert(answer if many else (answer,))
            except (ValueError, IndexError):  # of a wrong answer with axes that don't exist
                return answer
            return converted if many else converted[0]

        return wrapped

    # ----- the parts of a task -----

    def _case(self, case: Case) -> Case:
        args = []
        for name, kind, value in zip(self.base.arguments, self.kinds_in, case.args, strict=True):
            if name in PAIRS and isinstance(value, tuple):
                value = value[::-1]
            elif kind or name == "shape":
                value = self.how.converted(value, kind or "y")
            args.append(value)
        return replace(case, args=tuple(args))

    def _property(self, prop: Property) -> Property:
        return replace(prop, cases=lambda rng: [self._case(c) for c in prop.cases(rng)])

    def _identity(self, outputs: Any, args: Any, rng: np.random.Generator) -> Any:
        restored = tuple(
            self.how.restored(value, kind) if kind else value
            for kind, value in zip(self.kinds_out, outputs, strict=True)
        )
        assert self.base.identity is not None
        return self.base.identity(restored, self._restore(args), rng)

    def _misconception(self, m: Misconception, wrong: Function, right: Function) -> Misconception:
        assert isinstance(m.wrong, partial)
        first = wrong if m.wrong.func is self.base.wrong else m.wrong.func
        given = m.wrong.args if first is wrong else (right, *m.wrong.args[1:])
        return replace(m, wrong=partial(first, *given))

    def _own_misconceptions(self) -> tuple[Misconception, ...]:
        """What goes wrong only here."""
        rows = [
            (
                "as_published",
                "the book's own convention",
                "In which order do the axes come here, and what does forward do at its end? The "
                "last part of the task says what differs from the book.",
                lambda *args: self.base.solution(*args),
            )
        ]
        if any(name in UPSTREAM for name in self.base.arguments):
            rows.append(
                (
                    "factor_missing",
                    "the factor of forward is left out",
                    "Forward here multiplies at its end. By the chain rule, what does that do to "
                    "every gradient before it?",
                    self._wrapped(self.base.solution, factor=False),
                )
            )
        return tuple(Misconception(id, name, hint, wrong) for id, name, hint, wrong in rows)

    # ----- its text -----

    def statement(self) -> str:
        """The docstring: the book's statement, then what is different here."""
        told = (inspect.getdoc(self.base.solution) or "").rstrip()
        rules = [f"- {rule}" for rule in self._rules()]
        lines = [line for rule in rules for line in _wrapped_rule(rule)]
        here = f"So far in the book's letters, its example too. HERE (variant {self.how.seed}):"
        return "\n".join([told, "", here, "", *lines, "", *self._example()])

    def _rules(self) -> list[str]:
        rules = [
            self._rule(name, kind, "comes in")
            for name, kind in zip(self.base.arguments, self.kinds_in, strict=True)
            if kind
        ]
        rules += [
            self._rule(o.name, kind, "is returned")
            for o, kind in zip(self.base.outputs, self.kinds_out, strict=True)
            if kind
        ]
        if "shape" in self.base.arguments:
            rules.append(f"shape is y's, with its axes in the order {_sizes('y', self.how)}.")
        rules += [
            f"{name}, where it is a pair, comes with the columns first: {_pair(name)}."
            for name in self.base.arguments
            if name in PAIRS
        ]
        if any(name in UPSTREAM for name in self.base.arguments):
            came = next(name for name in self.base.arguments if name in UPSTREAM)
            rules.append(
                f"Forward multiplies its whole result by {self.how.factor:g} at the end, and "
                f"{came} is the gradient of Div by this product."
            )
        return rules

    def _rule(self, name: str, kind: str, verb: str) -> str:
        book = ", ".join(LETTERS[kind])
        index = {letter: letter for letter in LETTERS[kind]}
        if kind == "w" and self.how.backward:
            size = {"i": "KH", "j": "KW"}[self.how.backward]
            index[self.how.backward] = f"{size} - 1 - {self.how.backward}"
        here = ", ".join(index[letter] for letter in self.how.orders[kind])
        return (
            f"{name} {verb} as {_sizes(kind, self.how)}: what is {name}[{book}] in the book is "
            f"{name}[{here}] here."
        )

    def _example(self) -> list[str]:
        """The smallest example, with numbers."""
        case = self._case(self.base.examples[0])
        answer = self._convert(self.base.expected(*self._restore(case.args)))
        given = [_shown(n, v) for n, v in zip(self.base.arguments, case.args, strict=True)]
        result = [_shown(o.name, v) for o, v in zip(self.base.outputs, answer, strict=True)]
        return ["Example:", *_indented(given), "give", *_indented(result)]

    def source(self) -> str:
        """A right answer, as text: the published one between two changes of convention."""
        body = _body(self.base.solution)
        names = ", ".join(self.base.arguments)
        outputs = [o.name if o.name.isidentifier() else "answer" for o in self.base.outputs]
        return "\n".join(
            [
                f"def {self.base.name}({names}):",
                textwrap.indent(
                    f'"""{self.statement()}\n"""', "    ", lambda line: bool(line.strip())
                ),
                f"    def in_the_books_letters({names}):",
                textwrap.indent(body, "    "),
                "",
                *(f"    {line}" for line in self._restoring()),
                f"    {', '.join(outputs)} = in_the_books_letters({names})",
                f"    return {', '.join(map(self._converting, outputs, self.kinds_out))}",
                "",
            ]
        )

    def _restoring(self) -> list[str]:
        lines = []
        for name, kind in zip(self.base.arguments, self.kinds_in, strict=True):
            if name in PAIRS:
                lines.append(f"{name} = {name} if isinstance({name}, int) else {name}[::-1]")
            elif name == "shape":
                axes = [self.how.orders["y"].index(letter) for letter in LETTERS["y"]]
                lines.append(f"shape = tuple(shape[axis] for axis in {axes})")
            elif kind:
                axes = [self.how.orders[kind].index(letter) for letter in LETTERS[kind]]
                factor = f"{self.how.factor:g} * " if name in UPSTREAM else ""
                moved = f"np.transpose({name}, {axes}){self._flip_text(kind, LETTERS[kind])}"
                lines.append(f"{name} = {factor}{moved}")
        return lines

    def _converting(self, name: str, kind: str) -> str:
        if not kind:
            return name
        axes = [LETTERS[kind].index(letter) for letter in self.how.orders[kind]]
        return f"np.transpose({name}, {axes}){self._flip_text(kind, self.how.orders[kind])}.copy()"

    def _flip_text(self, kind: str, letters: str) -> str:
        if kind != "w" or not self.how.backward:
            return ""
        return f"[{', '.join('::-1' if a == self.how.backward else ':' for a in letters)}]"

    def _solution(self) -> Function:
        """The function that `source` defines; it can be asked for its source."""
        source = self.source()
        file = f"<variant {self.how.seed}: {self.base.name}>"
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        names = dict(inspect.getmodule(self.base.solution).__dict__)
        exec(compile(source, file, "exec"), names)
        made: Callable[..., Any] = names[self.base.name]
        made.__module__ = self.base.solution.__module__
        return made


def _body(function: Function) -> str:
    """The function's lines below its docstring."""
    from autograder.build import split_at_docstring  # late: notebooks need no build

    return split_at_docstring(textwrap.dedent(inspect.getsource(function)))[1]


def _sizes(kind: str, how: Convention) -> str:
    of = dict(zip(LETTERS[kind], SIZES[kind], strict=True))
    return f"({', '.join(of[letter] for letter in how.orders[kind])})"


def _pair(name: str) -> str:
    return "((left, right), (top, bottom))" if name == "padding" else "(columns, rows)"


def _wrapped_rule(rule: str) -> list[str]:
    """The lines of a rule; no index is broken in two."""
    whole = re.sub(r"\[[^\]]*\]", lambda index: index[0].replace(" ", "\0"), rule)
    lines = textwrap.wrap(whole, 72, subsequent_indent="  ")
    return [line.replace("\0", " ") for line in lines]


def _shown(name: str, value: Any) -> str:
    if not isinstance(value, np.ndarray):
        return f"{name} = {value!r}"
    return f"{name} = {' '.join(np.array2string(value, separator=', ').split())}"


def _indented(lines: list[str]) -> list[str]:
    return [
        part
        for line in lines
        for part in textwrap.wrap(line, 72, initial_indent="  ", subsequent_indent="    ")
    ]
