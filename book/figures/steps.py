"""What a steppable figure is made of: grids of numbers, and steps that highlight their cells.

Everything that a reader sees, also every sum and its text, is computed here at build time with
NumPy; the script in the page only moves highlights and text. A figure of a chapter is a function
without arguments that returns a StepFigure; see ch05_dy.py for two of them. Mistakes in a figure
are refused when it is made, with the name of the step and of the grid.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

Cell = tuple[int, int]

# Kind of mark -> the word for it in a grid's description. The colours are in tokens.css.
MARKS = {"here": "chosen", "used": "used"}


def show(value: Any) -> str:
    """The value as text, with a real minus sign."""
    if isinstance(value, str):
        return value
    return f"{value:g}".replace("-", "−")


def cell_name(grid_name: str, cell: Cell, first: int = 0) -> str:
    """`dz[−1,0]`: a cell by the indices that its grid shows."""
    row, column = cell
    return f"{grid_name}[{show(row + first)},{show(column + first)}]"


def _number(value: Any) -> int | float:
    """A plain finite Python number, which is what JSON can hold."""
    number = np.asarray(value).item()
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not np.isfinite(number):
        raise ValueError(f"`result` (={value!r}) must be a finite number")
    return number


@dataclass(frozen=True, eq=False)
class Grid:
    """A titled table of numbers or short texts, drawn as squares.

    `name` is what steps call it; `values` is anything two-dimensional; the cells where `dashed`
    is true are drawn dashed and fainter (padding); `first` is the index shown at the first row and
    column (-2 where two cells of padding stand before the array).
    """

    name: str
    values: Any
    title: str
    dashed: Any = None
    first: int = 0

    def __post_init__(self) -> None:
        values = np.asarray(self.values, dtype=object)
        if values.ndim != 2 or values.size == 0:
            raise ValueError(
                f"grid {self.name!r}: `values` must have rows and columns, got shape {values.shape}"
            )
        dashed = np.zeros(values.shape, bool) if self.dashed is None else np.asarray(self.dashed)
        if dashed.shape != values.shape:
            raise ValueError(
                f"grid {self.name!r}: `dashed` has shape {dashed.shape}, `values` {values.shape}"
            )
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "dashed", dashed.astype(bool))

    @property
    def shape(self) -> Cell:
        return self.values.shape

    def cells(self) -> Iterator[Cell]:
        """All cells, row by row."""
        return iter(np.ndindex(self.shape))

    def index(self, cell: Cell) -> int:
        """The cell's place in reading order, which is how the page knows it."""
        return cell[0] * self.shape[1] + cell[1]


@dataclass(frozen=True)
class Step:
    """One position of the figure.

    `at` is the cell of the pick grid that leads here; `text` says in words and numbers what is
    seen (lines are kept); `result` is the number that comes out. The others go by grid name:
    `marks` {"dz": {"used": cells}}, `labels` {"dz": {cell: small text below the value}}, and
    `writes` {"dy": {cell: value}}, values that the grid shows from this step on.
    """

    at: Cell
    text: str
    result: Any
    marks: Mapping[str, Mapping[str, Iterable[Cell]]] = field(default_factory=dict)
    labels: Mapping[str, Mapping[Cell, Any]] = field(default_factory=dict)
    writes: Mapping[str, Mapping[Cell, Any]] = field(default_factory=dict)

    def marked(self, grid_name: str) -> dict[str, list[Cell]]:
        """The grid's marked cells by kind, as lists."""
        return {kind: list(cells) for kind, cells in self.marks.get(grid_name, {}).items()}

    def touched(self) -> Iterator[tuple[str, Cell]]:
        """Every grid name and cell that the step speaks of."""
        for name in self.marks:
            for cells in self.marked(name).values():
                yield from ((name, cell) for cell in cells)
        for table in (self.labels, self.writes):
            for name, values in table.items():
                yield from ((name, cell) for cell in values)


@dataclass(frozen=True, eq=False)
class StepFigure:
    """Grids side by side and the steps through them.

    `alt` says in one sentence what the figure shows; up and down go by `columns` steps; a click on
    a cell of the grid named `pick` goes to the step that is `at` that cell.
    """

    alt: str
    grids: tuple[Grid, ...]
    steps: tuple[Step, ...]
    columns: int
    pick: str

    def __post_init__(self) -> None:
        if not self.alt.strip():
            raise ValueError("`alt` must say what the figure shows")
        if len(self.by_name) != len(self.grids):
            raise ValueError(f"grid names must differ, got {[grid.name for grid in self.grids]}")
        if self.pick not in self.by_name:
            raise ValueError(f"`pick` (={self.pick!r}) must be one of {sorted(self.by_name)}")
        if self.columns < 1:
            raise ValueError(f"`columns` (={self.columns}) must be at least 1")
        if not self.steps:
            raise ValueError("`steps` must hold at least one step")
        if len({step.at for step in self.steps}) != len(self.steps):
            raise ValueError("every step needs an `at` of its own: a click leads to one step")
        for number, step in enumerate(self.steps):
            try:
                self._check(step)
            except ValueError as problem:
                raise ValueError(f"step {number}: {problem}") from None

    def _check(self, step: Step) -> None:
        if not step.text.strip():
            raise ValueError("`text` is empty")
        _number(step.result)
        for name in step.marks:
            unknown = set(step.marks[name]) - set(MARKS)
            if unknown:
                raise ValueError(f"unknown marks {sorted(unknown)}, known are {sorted(MARKS)}")
        for name, cell in [(self.pick, step.at), *step.touched()]:
            self._check_cell(name, cell)

    def _check_cell(self, name: str, cell: Cell) -> None:
        if name not in self.by_name:
            raise ValueError(f"unknown grid {name!r}, known are {sorted(self.by_name)}")
        rows, columns = self.by_name[name].shape
        if not (0 <= cell[0] < rows and 0 <= cell[1] < columns):
            raise ValueError(f"cell {cell} is outside grid {name!r} of {rows} by {columns}")

    @cached_property
    def by_name(self) -> dict[str, Grid]:
        return {grid.name: grid for grid in self.grids}

    def values(self, number: int, grid: Grid) -> dict[Cell, str]:
        """What the grid's cells show at a step: its own values and all that was written so far."""
        shown = {cell: show(grid.values[cell]) for cell in grid.cells()}
        for step in self.steps[: number + 1]:
            for cell, value in step.writes.get(grid.name, {}).items():
                shown[cell] = show(value)
        return shown

    def is_labelled(self, grid: Grid) -> bool:
        """Whether any step puts labels in the grid: its values then leave room for them."""
        return any(grid.name in step.labels for step in self.steps)

    def describe(self, number: int, grid: Grid) -> str:
        """The grid at a step in words, for who cannot see it."""
        rows, columns = grid.shape
        parts = [f"{grid.title}, {rows} by {columns}"]
        for kind, cells in self.steps[number].marked(grid.name).items():
            names = ", ".join(cell_name("", cell, grid.first) for cell in cells)
            parts.append(f"{MARKS[kind]}: {names or 'none'}")
        return "; ".join(parts)

    def _repr_html_(self) -> str:
        """What a notebook shows for it; a page has the `steps` directive."""
        from figures.element import html
        from figures.notebook import with_assets

        return with_assets(html(self), "step-figure.js")

    def data(self) -> dict[str, Any]:
        """What the page's script needs, as JSON types; a cell is its place in reading order."""
        return {
            "columns": self.columns,
            "pick": self.pick,
            "values": {grid.name: [show(v) for v in grid.values.flat] for grid in self.grids},
            "steps": [self._step_data(number) for number in range(len(self.steps))],
        }

    def _step_data(self, number: int) -> dict[str, Any]:
        step = self.steps[number]

        def by_index(table: Mapping[str, Mapping[Cell, Any]]) -> dict[str, dict[int, str]]:
            return {
                name: {self.by_name[name].index(cell): show(v) for cell, v in values.items()}
                for name, values in table.items()
            }

        return {
            "at": self.by_name[self.pick].index(step.at),
            "result": _number(step.result),
            "marks": {
                name: {
                    kind: [self.by_name[name].index(cell) for cell in cells]
                    for kind, cells in step.marked(name).items()
                }
                for name in step.marks
            },
            "labels": by_index(step.labels),
            "writes": by_index(step.writes),
            "descriptions": {grid.name: self.describe(number, grid) for grid in self.grids},
        }
