"""The report: as text, as HTML, and its picture of what is off."""

import re
import sys
import types
from html import escape

import numpy as np
import pytest

from autograder import check, judge, picture
from autograder.tasks import all_tasks, get_task


def wrong(task, misconception):
    return {m.id: m.wrong for m in get_task(task).misconceptions}[misconception]


def test_picture_shows_yours_the_expected_and_the_difference():
    """dz = 1, w = [[1, 2], [3, 4]]: dy is w; without the flip of the padded form it is w turned."""
    drawn = judge("conv_dy_flip", wrong("conv_dy_flip", "no_flip")).picture()
    assert "dy[0, 0], yours" in drawn and "yours − expected" in drawn
    texts = [re.findall(r"<text [^>]*>([^<]*)<", svg) for svg in drawn.split("<svg")[1:]]
    numbers = [[float(t.replace("−", "-")) for t in grid] for grid in texts]
    assert numbers == [[4, 3, 2, 1], [1, 2, 3, 4], [3, 1, -1, -3]]
    assert drawn.count('stroke-width="2.5"') == 3 * 4  # every cell is off, in each of three maps
    assert 'role="img" aria-label="dy[0, 0]: yours' in drawn


def test_picture_shows_both_shapes():
    drawn = judge("conv_dy_flip", wrong("conv_dy_flip", "padding_one_sided")).picture()
    assert "yours (" in drawn and "expected (" in drawn


@pytest.mark.parametrize(
    "function",
    [get_task("conv_dw").solution, lambda dz, y: dz.nothing, lambda dz, y: None],
    ids=["right", "raises", "no return"],
)
def test_picture_is_empty_where_there_is_nothing_to_draw(function):
    assert judge("conv_dw", function).picture() == ""


def test_html_holds_what_the_text_holds_and_is_inert():
    class Odd(Exception):
        pass

    def answer(dz, y):
        raise Odd("<script>alert(1)</script><img src=x onerror=alert(1)>")

    report = judge("conv_dw", answer)
    html = report.html()
    assert "<script" not in html and "<img" not in html and "&lt;script&gt;" in html
    for p in report.properties:
        assert p.name in html
    assert "0 of 6 points" in html and report._repr_html_() == html


def test_html_shows_points_hint_and_picture():
    report = judge("conv_dw", wrong("conv_dw", "dz_flipped"))
    html = report.html()
    assert escape(report.found[0].text) in html
    assert report.picture() in html and "✗" in html


def test_check_draws_the_picture_in_a_notebook_only(monkeypatch, capsys):
    shown = []
    fake = types.ModuleType("IPython")
    fake.get_ipython = lambda: object()
    fake.display = types.ModuleType("IPython.display")
    fake.display.HTML, fake.display.display = (lambda text: text), shown.append
    bug = wrong("conv_dw", "dz_flipped")
    check(bug, "conv_dw")
    assert shown == []
    monkeypatch.setitem(sys.modules, "IPython", fake)
    monkeypatch.setitem(sys.modules, "IPython.display", fake.display)
    check(bug, "conv_dw")
    assert [text[:25] for text in shown] == ['<div class="plot grids" r']
    check(get_task("conv_dw").solution, "conv_dw")
    assert len(shown) == 1
    assert "Hint:" in capsys.readouterr().out


def downsample_backward(dz, shape, factor):
    """Right by the rules: before chapter 09 any floating dtype will do. Its writer, who knew the
    task statement only, meant it to be wrong; it is told so, and keeps its points.
    """
    if isinstance(factor, (tuple, list)):
        f0, f1 = factor
    else:
        f0 = f1 = factor
    dy = np.zeros(shape)
    dy[:, :, ::f0, ::f1] = dz
    return dy


REMARK = "dy is float64 where the arguments are float32: costs nothing here"


def test_a_right_answer_of_another_dtype_gets_all_points_and_a_remark():
    report = judge("downsample_backward", downsample_backward)
    assert report.score == report.points and report.hints == ()
    assert report.remarks == (REMARK,)
    assert report.text().splitlines()[-1] == f"Remark: {REMARK}"
    assert f"<p>Remark: {REMARK}</p>" in report.html()


def in_float64(function):
    """The same answer, its arrays in float64."""

    def answer(*args):
        found = function(*args)
        if isinstance(found, tuple):
            return tuple(a.astype(float) for a in found)
        return found.astype(float)

    return answer


EARLY = [
    task
    for task in all_tasks().values()
    if "ch05" <= task.chapter <= "ch08" and {o.kind for o in task.outputs} == {"array"}
]


@pytest.mark.parametrize("task", EARLY, ids=lambda t: t.name)
def test_each_gradient_of_chapters_05_to_08_is_asked_for_in_float32(task):
    report = judge(task.name, in_float64(task.solution))
    assert report.score == report.points
    (remark,) = report.remarks
    names = ", ".join(o.name for o in task.outputs)
    assert remark.startswith(f"{names} {'is' if len(task.outputs) == 1 else 'are'} float64 where")


@pytest.mark.parametrize("name", sorted(all_tasks()))
def test_model_answers_leave_no_remark(name):
    assert judge(name, get_task(name).solution).remarks == ()


def test_where_the_dtype_is_asked_for_it_costs_points_and_is_no_remark():
    report = judge("conv_backward", wrong("conv_backward", "float64"))
    assert report.remarks == () and report.score < report.points


def test_a_remark_takes_no_line_from_the_hint():
    bug = wrong("padded_conv_backward", "padded_by_edge")
    report = judge("padded_conv_backward", in_float64(bug))
    lines = report.text().splitlines()
    assert sum(line.startswith("Remark: ") for line in lines) == 1 and len(lines) <= 25
    assert any(line.startswith("Hint: ") for line in lines)


def test_a_line_about_numbers_is_short_enough_to_be_whole():
    for task in all_tasks().values():
        for m in task.misconceptions[::5]:
            for p in judge(task.name, m.wrong, level="check").properties:
                assert " is off by " not in p.message or len(p.message) <= 60, (task.name, m.id)


def test_the_kind_of_number_that_is_asked_for_is_said_once():
    text = judge("pixel_gradient", lambda dz, w, t, m, r, c: np.ones(1)).text()
    assert "is a ndarray where one number is asked for" in text
    text = judge("count_parameters", lambda M, N, KH, KW: 1.5).text()
    assert "is a float where one whole number is asked for" in text


def test_no_report_shows_a_negative_zero():
    text = judge("relu_backward", lambda dy, z: dy * np.maximum(z, 0)).text()
    assert not re.search(r"-0(?![.\d])", text)
    text = judge("relu_backward", lambda dy, z: -0.0 * dy).text()
    assert not re.search(r"-0(?![.\d])", text)


def sigmoid_by_one_quotient(dy, z):
    return dy * np.exp(-z) / (1 + np.exp(-z)) ** 2


def tanh_by_one_quotient(dy, z):
    return dy * (1 - ((1 - np.exp(-2 * z)) / (1 + np.exp(-2 * z))) ** 2)


@pytest.mark.parametrize("function", [sigmoid_by_one_quotient, tanh_by_one_quotient])
def test_what_fails_far_below_zero_has_a_small_case(function):
    text = judge(function.__name__.split("_")[0] + "_backward", function).text()
    assert "The smallest case that fails:" in text and "z (2,) = [0, -1000]" in text


def test_of_two_bugs_the_hint_is_about_the_case_that_is_shown():
    def f(z):
        e = np.exp(z)
        return e / e.sum()

    report = judge("softmax_stable", f)
    assert "z (3, 2) = [[0, 0], [0, 0], [0, 0]]" in report.text()
    assert report.hints == ("over_everything", "nothing_taken_off")


def test_maps_refuse():
    with pytest.raises(ValueError, match="`alt` must say"):
        picture.maps({"a": [[1]]}, alt=" ")
    with pytest.raises(ValueError, match="'a' is none"):
        picture.maps({"a": [1, 2]}, alt="a")


def test_maps_leave_room_for_long_numbers_and_take_nan():
    html = picture.maps({"a": [[-1234.5, np.nan], [np.inf, 0]]}, alt="a")
    assert ">nan<" in html and ">inf<" in html and "−1234" in html
    assert html.count("<rect") == 1  # only a finite number that is not 0 has a colour
