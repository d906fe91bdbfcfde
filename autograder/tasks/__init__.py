"""The tasks, one file a chapter. `all_tasks()` finds the files; nothing has to be registered."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from autograder.task import Task
from solutions import use_backend


@cache
def all_tasks() -> Mapping[str, Task]:
    """Every task of the book by name, in the order of the chapters.

    Raises ValueError when two tasks share a name: it is the grade id.
    """
    found: dict[str, Task] = {}
    modules = sorted(m.name for m in iter_modules(__path__) if m.name.startswith("ch"))
    with use_backend("numpy"):  # the tables work out their examples: without Numba
        tasks = [task for m in modules for task in import_module(f"{__name__}.{m}").TASKS]
    for task in tasks:
        if task.name in found:
            raise ValueError(f"two tasks are called {task.name!r}")
        found[task.name] = task
    return MappingProxyType(found)


def get_task(name: str) -> Task:
    """The task of that name; "NAME@SEED" is a variant of it (autograder/variants.py).

    Raises KeyError with the names that are nearest, ValueError for what has no variants.
    """
    from difflib import get_close_matches

    tasks = all_tasks()
    plain, _, seed = name.partition("@")
    if plain in tasks and seed.isdecimal():
        from autograder.variants import variant

        return variant(tasks[plain], int(seed))
    if name not in tasks:
        near = get_close_matches(name, tasks, n=3)
        meant = f"; did you mean {' or '.join(near)}?" if near else ""
        raise KeyError(f"there is no task `name` (={name!r}){meant}")
    return tasks[name]
