"""nbgrader's settings, for the course folder and for `python -m autograder grade`.

nbgrader reads a file of this name from the folder that it is run in: `build` puts one into the
course folder that calls `configure`; run in this folder, this file serves the course/ beside it.
"""

import stat
import sys
from pathlib import Path
from typing import Any

STUB = "raise NotImplementedError"


def configure(config: Any, course: Path) -> Any:
    """Fill in a traitlets Config for the course in that folder; returns it."""
    config.CourseDirectory.root = str(course.resolve())
    config.CourseDirectory.course_id = "cnn-backprop"
    config.CourseDirectory.db_url = f"sqlite:///{course.resolve() / 'gradebook.db'}"
    config.ClearSolutions.code_stub = {"python": STUB}
    config.ClearSolutions.begin_solution_delimeter = "BEGIN SOLUTION"
    config.ClearSolutions.end_solution_delimeter = "END SOLUTION"
    # Structure, checks and points come from the release; of a submission only its answers count.
    config.Autograde.sanitize_preprocessors = [
        "autograder.nbgrader_steps.Rebuild",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    # The learner's cells run in a process of their own; verdicts are made in this one.
    config.Autograde.autograde_preprocessors = [
        "autograder.nbgrader_steps.Grade",
        "nbgrader.preprocessors.LimitOutput",
        "nbgrader.preprocessors.SaveAutoGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    linked = with_links(course / "submitted")
    if linked:
        print(f"left out, as links are not followed: {', '.join(linked)}", file=sys.stderr)
        config.CourseDirectory.student_id_exclude = ",".join(linked)
    return config


def with_links(submitted: Path) -> list[str]:
    """The students whose folders are or hold a link, or anything else than files and folders.

    nbgrader copies what a link leads to: another's work, or a file of the instructor's, which it
    would then return as feedback.
    """
    if not submitted.is_dir():
        return []
    return sorted(path.name for path in submitted.iterdir() if holds_links(path))


def holds_links(path: Path) -> bool:
    """Whether it is, or anything in it, neither a file nor a folder, or can't be looked into."""
    try:
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            return any(map(holds_links, path.iterdir()))
    except OSError:
        return True
    return not stat.S_ISREG(mode)


def course_config(course: Path) -> Any:
    """The settings of the course in that folder, with what its own nbgrader_config.py changes."""
    from traitlets.config import Config
    from traitlets.config.loader import PyFileConfigLoader

    if not (course / "nbgrader_config.py").exists():
        return configure(Config(), course)
    return PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()


if "get_config" in globals():  # nbgrader is reading this file
    configure(get_config(), Path(__file__).parent.parent / "course")  # type: ignore[name-defined]  # noqa: F821
