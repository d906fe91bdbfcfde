"""The directive `{bugs}`: the bugs that the judge knows in a chapter's tasks, and how they look.

    :::{bugs} ch06
    :::

A section for each task; in it, for each misconception, its name, its hint, and what it makes of the
smallest example that shows it: as the error map that a report draws, or in words. Nothing is drawn
by hand; a bug that is added to a task appears here.
"""

import warnings

import numpy as np
from docutils import nodes
from html_nodes import Leaf
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from autograder.observe import Observation, observe
from autograder.report import Report
from autograder.task import Misconception, Task
from autograder.tasks import all_tasks


def first_failing(task: Task, misconception: Misconception) -> Observation | None:
    """What the bug makes of the first of the task's examples that it gets wrong."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for case in task.examples:
            rng = np.random.default_rng(0)
            seen = observe(task, misconception.wrong, case, rng, lambda: 0.0)
            if not seen.right:
                return seen
    return None


def picture_and_words(task: Task, misconception: Misconception) -> tuple[str, str]:
    """The error map as HTML, if there is one; and what is wrong, in words."""
    seen = first_failing(task, misconception)
    if seen is None:
        return "", "It shows in larger cases only, or in the time that it takes."
    return Report(task, (), (), seen).picture(), seen.message


class BugsDirective(SphinxDirective):
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        chapter = self.arguments[0]
        tasks = [task for task in all_tasks().values() if task.chapter == chapter]
        if not tasks:
            raise self.error(f"bugs: {chapter!r} has no tasks")
        return [self.of_task(task) for task in tasks]

    def of_task(self, task: Task) -> nodes.section:
        section = nodes.section("", nodes.title("", task.name), ids=[f"bugs-{task.name}"])
        self.state.document.note_explicit_target(section)
        for misconception in task.misconceptions:
            drawn, words = picture_and_words(task, misconception)
            rubric = nodes.rubric("", misconception.name)
            rubric["ids"] = [f"bug-{task.name}-{misconception.id}".replace("_", "-")]
            section += rubric
            if drawn:
                section += Leaf("", html=drawn)
            else:
                section += nodes.paragraph("", words)
            section += nodes.paragraph("", "", nodes.emphasis("", misconception.hint))
        return section


def setup(app: Sphinx) -> dict[str, bool]:
    app.setup_extension("html_nodes")
    app.add_directive("bugs", BugsDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
