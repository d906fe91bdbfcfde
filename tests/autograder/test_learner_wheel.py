"""The wheel for the browser: whole, without a model answer, and judging as the checkout does."""

import ast
import inspect
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.build import split_at_docstring
from autograder.learner_wheel import contents, without_answers, write_wheel
from autograder.stand_in import right_answer
from autograder.tasks import all_tasks

# In a process that sees the wheel alone: every known bug and every right style is judged.
JUDGE_ALL = """
import importlib.util, json, sys
from pathlib import Path
from autograder import judge
from autograder.tasks import all_tasks

said = {}
wanted = sys.argv[2].split()
tasks = {name: task for name, task in all_tasks().items() if not wanted or name in wanted}
for name, task in tasks.items():
    for m in task.misconceptions:
        report = judge(name, m.wrong, level="check")
        said[f"{name}: {m.id}"] = [report.score, list(report.hints)]
for path in sorted(Path(sys.argv[1]).glob("ch*.py")):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for style, functions in module.STYLES.items():
        for name, function in functions.items():
            if name in tasks:
                report = judge(name, function, level="check")
                said[f"{name}, {style}"] = [report.score, list(report.hints)]
print(json.dumps(said))
"""
STYLES = Path(__file__).parents[2] / "autograder" / "styles"
SAMPLE = "square_backward count_parameters softmax_stable influence_mask max_pool_forward"


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    with zipfile.ZipFile(write_wheel(folder)) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def judged_with(path, names):
    done = subprocess.run(
        [sys.executable, "-c", JUDGE_ALL, str(STYLES), names],
        env={**os.environ, "PYTHONPATH": str(path)},
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("names", [SAMPLE, pytest.param("", marks=pytest.mark.slow)])
def test_the_wheel_judges_as_the_checkout_does(unpacked, names):
    here = judged_with(Path(__file__).parents[2], names)
    assert len(here) > 20
    assert judged_with(unpacked, names) == here


def test_no_model_answer_is_in_the_wheel():
    answers = {n: c.decode() for n, c in contents() if n.startswith("solutions/chapters/ch")}
    functions = [f for text in answers.values() for f in ast.parse(text).body[3:]]
    assert {f.name for f in functions} >= set(all_tasks())
    for function in functions:
        _, first, last, *more = map(ast.unparse, function.body)  # the first is the statement
        assert first == "from autograder.stand_in import right_answer"
        assert last.startswith(f"return right_answer('{function.name}', ")
        assert not more


def test_the_statements_are_in_the_wheel(unpacked):
    for task in all_tasks().values():
        module = f"{task.solution.__module__.replace('.', '/')}.py"
        head, _ = split_at_docstring(inspect.getsource(task.solution))
        assert head in (unpacked / module).read_text()


def test_the_teachers_side_is_not_in_the_wheel():
    names = {name for name, _ in contents()}
    assert not {n for n in names if "grading" in n or "styles" in n or "session" in n}
    assert "solutions/data/digits8x8.npz" in names
    assert "solutions/data/mnist10k.npz" not in names


def test_the_ladder_ends_before_the_model_answer(unpacked):
    done = subprocess.run(
        [sys.executable, "-c", "from autograder import stuck; stuck('conv_db', show_me=True)"],
        env={**os.environ, "PYTHONPATH": str(unpacked)},
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    )
    assert "the model answer is not here" in done.stdout


def test_the_same_sources_give_the_same_bytes(tmp_path):
    one, two = write_wheel(tmp_path / "one"), write_wheel(tmp_path / "two")
    assert one.name == two.name
    assert one.read_bytes() == two.read_bytes()
    other = write_wheel(tmp_path / "one", {"figures/static/polls.json": b"{}"})
    assert other.name != one.name
    assert not one.exists()


def test_without_answers_keeps_names_and_statements():
    head = '"""A module."""\n\nimport numpy as np\n\n\ndef f(a, b=2):\n    """What f is."""\n'
    written = head.replace("as np\n", "as np\n\nSTAND_INS = True")
    assert without_answers(f"{head}    return a * b\n") == (
        f"{written}"
        "    from autograder.stand_in import right_answer\n\n"
        '    return right_answer("f", a, b)\n'
    )


def test_a_stand_in_gives_fresh_answers():
    one = right_answer("influence_mask", 1, 1, 2, 2, 2, 3)
    one[:] = False
    assert right_answer("influence_mask", 1, 1, 2, 2, 2, 3).any()
