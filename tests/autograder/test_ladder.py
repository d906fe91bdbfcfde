"""The ladder: one rung a call, right numbers, and the model answer only when asked for."""

import inspect
import re
import subprocess
import sys

import numpy as np
import pytest

from autograder import check, judge, ladder, stuck
from autograder.build import ROOT
from autograder.tasks import all_tasks, get_task

TASKS = list(all_tasks().values())
EACH_TASK = pytest.mark.parametrize("task", TASKS, ids=lambda t: t.name)


@pytest.fixture(autouse=True)
def at_the_foot(monkeypatch):
    monkeypatch.setattr(ladder, "_reached", {})
    ladder.heard.clear()


def test_each_call_climbs_one_rung_and_never_to_the_answer(capsys):
    seen = []
    for _ in range(5):
        assert stuck("conv_dw") is None
        seen.append(capsys.readouterr().out)
    assert [text.splitlines()[0][-6:] for text in seen] == ["1 of 4", "2 of 4"] + ["3 of 4"] * 3
    assert not any("def conv_dw" in text for text in seen)
    stuck("conv_db")
    assert "conv_db, rung 1 of 4" in capsys.readouterr().out


def test_a_rung_by_its_number(capsys):
    stuck("conv_dw", 2)
    assert "Chapter 06" in capsys.readouterr().out
    stuck("conv_dw")
    assert "rung 3" in capsys.readouterr().out


@pytest.mark.parametrize("rung", [0, 4, -1])
def test_there_are_three_rungs_to_ask_for(rung):
    with pytest.raises(ValueError, match=rf"`rung` \(={rung}\) must be 1, 2 or 3"):
        stuck("conv_dw", rung)


def test_an_unknown_task_is_named():
    with pytest.raises(KeyError, match="did you mean conv_dw"):
        stuck("conv_dww")


def test_the_first_rung_repeats_the_hint_of_the_last_check(capsys):
    bug = {m.id: m for m in get_task("conv_dw").misconceptions}["dz_missing"]
    check(bug.wrong, "conv_dw")
    capsys.readouterr()
    stuck("conv_dw", 1)
    assert bug.hint in " ".join(capsys.readouterr().out.split())


def section(task):
    """The text of the section that LOOK names."""
    page = task.solution.__module__.rsplit(".", 1)[-1]
    text = (ROOT / "book" / "chapters" / f"{page}.md").read_text()
    heading = re.escape(ladder.LOOK[task.name][0])
    found = re.search(rf"^## {heading}(?: \\\*)?\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    assert found, f"{page}.md has no section {ladder.LOOK[task.name][0]!r}"
    return found[1]


@EACH_TASK
def test_the_second_rung_points_at_what_is_on_the_page(task):
    text, what = section(task), ladder.LOOK[task.name][1]
    if "figure" in what:
        assert ":::{steps}" in text or "plots." in text
    if "formula" in what:
        assert "$$" in text
    for title in re.findall(r'"([^"]+)"', what):
        assert f"### {title}\n" in text


def test_the_second_rung_has_a_row_for_each_task_and_no_other():
    assert set(ladder.LOOK) == {t.name for t in TASKS}


def test_the_third_rung_by_hand(capsys):
    """dz = [1, 10] over y = [1, 2, 3]: dw[0] = 1*1 + 10*2 = 21, dw[1] = 1*2 + 10*3 = 32."""
    stuck("conv_dw", 3)
    text = capsys.readouterr().out
    assert "dz (1, 1, 1, 2) = [[[[1, 10]]]], y (1, 1, 1, 3) = [[[[1, 2, 3]]]]" in text
    assert "dw (1, 1, 1, 2) = [[[[21, 32]]]]" in text
    assert "dw[0, 0, 0, 0] = 21 is a sum over dz:" in text
    assert "dz[0, 0, 0, 0] * slope: 1 * 1\n  dz[0, 0, 0, 1] * slope: 10 * 2\n" in text


SMOOTH = "softmax_stable cross_entropy_backward numeric_gradient max_pool_forward cnn_gradients"


@EACH_TASK
def test_the_terms_of_the_third_rung_sum_to_the_entry(task, capsys):
    stuck(task.name, 3)
    text = capsys.readouterr().out
    assert len(text.splitlines()) <= 30 and max(map(len, text.splitlines())) <= 120
    sums = re.findall(r"^.* = (\S+) is a sum over \w+:\n((?:  .*\n)+)", text, re.M)
    for value, lines in sums:
        terms = re.findall(r"slope: (\S+) \* (\S+)$|depend on \w+: (\S+)$", lines, re.M)
        total = sum(float(rest) if rest else float(a) * float(b) for a, b, rest in terms)
        assert np.isclose(total, float(value), rtol=1e-3)
    linear = task.arguments[0] not in ("r", "M", "x", "image") and task.name not in SMOOTH
    assert bool(sums) == linear


@EACH_TASK
def test_the_model_answer_is_shown_when_asked_for(task, capsys):
    stuck(task.name, show_me=True)
    assert capsys.readouterr().out.strip() == inspect.getsource(task.solution).strip()


def test_where_a_course_keeps_the_model_answer_the_ladder_says_so(monkeypatch, capsys):
    def gone(function):
        raise OSError("could not get source code")

    monkeypatch.setattr(inspect, "getsource", gone)
    stuck("conv_dw", show_me=True)
    assert "the model answer is not here" in capsys.readouterr().out


def run(code):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout


def test_the_ladder_is_not_loaded_before_it_is_asked_for():
    code = "import sys, autograder; print('autograder.ladder' in sys.modules)"
    assert run(code) == "False\n"


def test_on_the_learners_side_of_a_grading_the_ladder_does_nothing():
    code = (
        "import sys; sys.path.insert(0, 'autograder/isolation'); import learner; sys.path[:] = "
        "sys.path[1:]; learner.stand_in('autograder/gradcheck.py'); from autograder import stuck; "
        "print(stuck('conv_dw'), stuck('conv_dw', 3), stuck('conv_dw', show_me=True))"
    )
    assert run(code) == "None None None\n"


def test_climbing_changes_no_verdict():
    wrong = get_task("conv_dw").misconceptions[0].wrong
    before = judge("conv_dw", wrong).text()
    stuck("conv_dw", 3)
    assert judge("conv_dw", wrong).text() == before


def test_a_variants_answer_is_not_shown(capsys):
    """It is for credit; the rungs up to the worked example are there."""
    stuck("conv_dw@7", 3)
    assert "for credit: its answer is not shown" in capsys.readouterr().out
    stuck("conv_dw@7", show_me=True)
    told = capsys.readouterr().out
    assert "for credit" in told and "def " not in told and "return" not in told
