"""What takes seconds and always gives the same runs once a session, and its result stands in:
chapter 13's training, and the process that nbgrader starts to name its database's version.
"""

from functools import cache, wraps

import pytest

from solutions.chapters import ch13_cnn

train = ch13_cnn.train_cnn


@cache
def trained(pictures, seed):
    from solutions import load_digits

    image, target = load_digits()
    return train(image[:pictures], target[:pictures], seed)


@wraps(train)
def trained_once(image, target, seed):
    return trained(len(image), seed)


ch13_cnn.train_cnn = trained_once  # before the tables of tasks are made


@pytest.fixture(scope="session", autouse=True)
def database_version_asked_once():
    from nbgrader import api

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(api, "get_alembic_version", cache(api.get_alembic_version))
        yield


@pytest.fixture(scope="session")
def demo_class(tmp_path_factory):
    """(folder, rows) of the demo class, graded once."""
    from autograder.demo import SEED, make_class
    from autograder.grading import grade

    out = tmp_path_factory.mktemp("demo")
    return out, grade(make_class(out), out, seed=SEED, progress=False)


@pytest.fixture(scope="session")
def released(tmp_path_factory):
    """{chapter: the released notebook}, from a course that is built once."""
    import nbformat

    from autograder.build import build, chapters

    course = tmp_path_factory.mktemp("course")
    build(course, exercises=None)
    return {
        chapter: nbformat.read(course / "release" / chapter / f"{path.stem}.ipynb", as_version=4)
        for chapter, path in chapters().items()
    }


@pytest.fixture(scope="session")
def hand_in(released):
    """Writes a student's notebook of a kind of the demo's into a folder of submissions."""
    from autograder.build import chapters
    from autograder.demo import HandedIn, notebook_file
    from autograder.tasks import all_tasks

    def write(submitted, student, kind="right", style=0, chapter="ch05", **bugs):
        named = {
            task: next(m for m in all_tasks()[task].misconceptions if m.id == bug)
            for task, bug in bugs.items()
        }
        path = submitted / student / chapter / f"{chapters()[chapter].stem}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        one = HandedIn(student, chapter, kind, style, named)
        path.write_text(notebook_file(one, released[chapter]))
        return path

    return write
