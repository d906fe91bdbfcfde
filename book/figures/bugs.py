"""Pictures of bugs: what a known wrong implementation makes of an example, beside the right answer.

Nothing is drawn by hand: the wrong numbers come from the misconceptions by which the judge
recognises a bug (autograder/tasks), so a page shows just what a learner's own bug looks like.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from IPython.display import HTML

from autograder.tasks import get_task
from figures import plots


def wrong(task: str, misconception: str, *args: Any) -> Any:
    """What the bug `misconception` of `task` returns for these arguments.

    Raises KeyError for a task or a misconception that does not exist.
    """
    known = {m.id: m.wrong for m in get_task(task).misconceptions}
    if misconception not in known:
        raise KeyError(f"`misconception` (={misconception!r}) is none of {', '.join(known)}")
    return known[misconception](*(np.copy(a) if isinstance(a, np.ndarray) else a for a in args))


def pictures(
    task: str,
    args: tuple[Any, ...],
    titles: Mapping[str, str],
    alt: str,
    output: int = 0,
    at: tuple[int, ...] = (0, 0),
) -> HTML:
    """The right answer and what each bug makes of it, side by side: {misconception: title}.

    Of an answer of several values, the one numbered `output` is shown; of an array, the map `at`.
    Only bugs that return an array can be drawn; all maps share one scale of colours.
    """

    def plane(answer: Any) -> np.ndarray:
        value = answer[output] if isinstance(answer, tuple) else answer
        return np.atleast_2d(np.asarray(value, float)[at[: max(np.ndim(value) - 2, 0)]])

    maps = {"right": plane(get_task(task).solution(*args))}
    for misconception, title in titles.items():
        maps[title] = plane(wrong(task, misconception, *args))
    return plots.grids(maps, alt=alt, top=max(float(np.abs(m).max()) for m in maps.values()))
