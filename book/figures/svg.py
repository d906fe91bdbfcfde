"""Grids as plain SVG text: one square per cell, its value, and room for a small label.

No colours here: rectangles and texts carry classes, and the style sheet draws them for light and
dark. Squares keep a gap so that a thick outline never runs over its neighbour.
"""

from html import escape

from figures.steps import MARKS, Cell, Grid, StepFigure, show

PITCH = 44  # from one cell to the next, in SVG units (CSS pixels at full size)
SQUARE = 40
MARGIN = 18  # left and top, for the indices


def draw(figure: StepFigure, number: int, grid: Grid) -> str:
    """The grid at a step, as one `<svg>`."""
    rows, columns = grid.shape
    width, height = MARGIN + columns * PITCH, MARGIN + rows * PITCH
    values = figure.values(number, grid)
    parts = [
        f'<svg data-grid="{escape(grid.name)}" role="img" viewBox="0 0 {width} {height}"'
        f' width="{width}" height="{height}"'
        f' aria-label="{escape(figure.describe(number, grid))}">',
        *(_index(grid, column, along_columns=True) for column in range(columns)),
        *(_index(grid, row, along_columns=False) for row in range(rows)),
        *(_cell(figure, number, grid, cell, values[cell]) for cell in grid.cells()),
        "</svg>",
    ]
    return "".join(parts)


def _index(grid: Grid, position: int, along_columns: bool) -> str:
    middle = MARGIN + position * PITCH + PITCH // 2
    x, y = (middle, 12) if along_columns else (8, middle + 4)
    return f'<text class="index" x="{x}" y="{y}">{show(position + grid.first)}</text>'


def _cell(figure: StepFigure, number: int, grid: Grid, cell: Cell, value: str) -> str:
    x, y = MARGIN + cell[1] * PITCH, MARGIN + cell[0] * PITCH
    middle = x + PITCH // 2
    baseline = y + (21 if figure.is_labelled(grid) else 27)
    label = show(figure.steps[number].labels.get(grid.name, {}).get(cell, ""))
    low = (
        f'<text class="label" x="{middle}" y="{y + 36}">{escape(label)}</text>'
        if figure.is_labelled(grid)
        else ""
    )
    inset = (PITCH - SQUARE) // 2
    return (
        f'<g class="{_classes(figure, number, grid, cell)}">'
        f'<rect x="{x + inset}" y="{y + inset}" width="{SQUARE}" height="{SQUARE}" rx="3"/>'
        f'<text class="value" x="{middle}" y="{baseline}">{escape(value)}</text>{low}</g>'
    )


def _classes(figure: StepFigure, number: int, grid: Grid, cell: Cell) -> str:
    marked = figure.steps[number].marked(grid.name)
    kinds = [kind for kind in MARKS if cell in marked.get(kind, [])]
    return " ".join(["cell", *(["dashed"] if grid.dashed[cell] else []), *kinds])
