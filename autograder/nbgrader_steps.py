"""The two steps that take the place of nbgrader's own when it autogrades (see nbgrader_config.py).

`python -m autograder grade` and `nbgrader autograde` both go through them, so both give the same
scores; the first has the verdicts ready, made side by side.
"""

from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder import kept
from autograder.gradebook import fill
from autograder.grading import secret_seed
from autograder.nbgrader_config import holds_links
from autograder.submission import Unreadable, as_notebook, from_notebook, rebuild, template
from autograder.verdict import stored_verdict


def _course(resources: dict[str, Any]) -> Path:
    """The course folder: where the gradebook is."""
    return Path(resources["nbgrader"]["db_url"].removeprefix("sqlite:///")).parent


class Rebuild(NbGraderPreprocessor):  # type: ignore[misc]
    """Sanitize: the release's structure with the learner's source text in it."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        of = resources["nbgrader"]
        if holds_links(_course(resources) / "submitted" / of["student"]):
            raise Unreadable("it is or holds a link, and links are not followed")
        release = _course(resources) / "release" / of["assignment"] / f"{of['notebook']}.ipynb"
        content = nbformat.writes(nb).encode()
        return as_notebook(rebuild(template(release), content)), resources


class Grade(NbGraderPreprocessor):  # type: ignore[misc]
    """Autograde: the outputs of every cell, those of check cells made by the judge."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        course, of, cells = _course(resources), resources["nbgrader"], from_notebook(nb)
        made = stored_verdict(course / "results", cells, secret_seed(course))
        made = kept.apply(course, of["student"], of["assignment"], cells, made)
        return fill(nb, made["outputs"]), resources
