"""The judge: right work passes, wrong work does not, and the report says what is wrong."""

import math
import time

import numpy as np
import pytest

from autograder import check, judge
from autograder.judge import WORK_LIMIT, generator, machine_unit
from autograder.observe import LearnerError, observe
from autograder.tasks import all_tasks, get_task

SEEDS = range(20)


TASKS = list(all_tasks().values())


def all_styles():
    from importlib import import_module

    for stem in sorted({t.solution.__module__.rsplit(".", 1)[-1] for t in TASKS}):
        for style, functions in import_module(f"autograder.styles.{stem}").STYLES.items():
            for name, function in functions.items():
                yield pytest.param(name, function, id=f"{name}-{style}")


EACH_TASK = pytest.mark.parametrize("task", TASKS, ids=lambda t: t.name)
EACH_MISCONCEPTION = pytest.mark.parametrize(
    ("task", "misconception"),
    [pytest.param(t, m, id=f"{t.name}-{m.id}") for t in TASKS for m in t.misconceptions],
)


@EACH_TASK
def test_judge_gives_the_model_answer_all_points(task):
    for seed in SEEDS:
        report = judge(task.name, task.solution, seed)
        assert report.score == report.points == task.points, report.text()
        assert report.hints == () and report.status == "graded"


@pytest.mark.parametrize(("name", "function"), list(all_styles()))
def test_judge_gives_every_right_style_all_points(name, function):
    for seed in SEEDS:
        report = judge(name, function, seed)
        assert report.score == report.points, report.text()


@EACH_MISCONCEPTION
def test_a_misconception_loses_points_and_is_named_first(task, misconception):
    """At every seed, and the same properties fail in the check as in grading."""
    checked = judge(task.name, misconception.wrong, level="check")
    graded = [judge(task.name, misconception.wrong, seed=seed) for seed in (1, 12345)]
    for report in (checked, *graded):
        assert report.score < report.points
        assert report.hints[0] == misconception.id, report.text()
        assert [p.passed for p in report.properties] == [p.passed for p in checked.properties]
    _is_short_and_plain(checked)


def _is_short_and_plain(report):
    lines = report.text().splitlines()
    assert len(lines) <= 25 and max(map(len, lines)) <= 120
    assert lines[-1].startswith(("Hint:", "      ")), "the hint must not be cut off"
    assert type(report.score) is float and math.isfinite(report.score)


def nothing_learned(task):
    """Functions that know the shapes and nothing else."""

    def like(make):
        def function(*args):
            shapes = task.shapes(*args)
            return tuple(make(s) for s in shapes) if len(shapes) > 1 else make(shapes[0])

        return function

    rng = np.random.default_rng(0)
    dtype = bool if task.outputs[0].kind == "mask" else float
    plain = lambda a: a if np.ndim(a) else a.item() if dtype is float else a  # noqa: E731
    yield "zeros", like(lambda s: plain(np.zeros(s, dtype)))
    yield "ones", like(lambda s: plain(np.ones(s, dtype)))
    yield (
        "random",
        like(
            lambda s: plain(
                np.asarray(rng.standard_normal(s) > 0 if dtype is bool else rng.standard_normal(s))
            )
        ),
    )
    for k in range(len(task.arguments)):
        yield f"echo-{task.arguments[k]}", lambda *args, k=k: args[k]


@pytest.mark.parametrize(
    ("task", "function"),
    [pytest.param(t, f, id=f"{t.name}-{n}") for t in TASKS for n, f in nothing_learned(t)],
)
def test_judge_gives_nothing_for_zeros_ones_echo_and_random_numbers(task, function):
    for seed in SEEDS[:5]:
        assert judge(task.name, function, seed).score == 0


def blank(*args):
    raise NotImplementedError


def raises(*args):
    return args[0].no_such_thing


@EACH_TASK
def test_judge_gives_a_blank_answer_nothing_and_says_so(task):
    report = judge(task.name, blank)
    assert (report.score, report.status, report.hints) == (0, "blank", ("blank",))


@EACH_TASK
def test_judge_shows_the_line_that_raised(task):
    report = judge(task.name, raises)
    assert (report.score, report.status) == (0, "error")
    assert "return args[0].no_such_thing" in report.text()


@EACH_TASK
@pytest.mark.parametrize(
    ("returned", "said"),
    [
        (None, "None (is there a return?)"),
        ("text", "a str"),
        ([[1.0]], "a list"),
        (np.ones((1, 1), complex), ""),
        (np.ones((1, 1), object), ""),
        (np.ones((1, 1), int), ""),
        ((1.0,) * 7, "7 values came back"),
    ],
)
def test_judge_refuses_what_is_not_asked_for(task, returned, said):
    report = judge(task.name, lambda *args: returned)
    assert report.score == 0 and said in report.text()


def test_judge_is_deterministic():
    wrong = get_task("conv_dy_flip").misconceptions[0].wrong
    one, two = (judge("conv_dy_flip", wrong, seed=5) for _ in range(2))
    assert one.text() == two.text() and one.properties == two.properties


def test_report_shows_the_smallest_failing_case_with_both_numbers():
    wrong = {m.id: m for m in get_task("conv_dy_flip").misconceptions}["no_flip"].wrong
    text = judge("conv_dy_flip", wrong).text()
    assert "dz (1, 1, 1, 1) = [[[[1]]]], w (1, 1, 2, 2) = [[[[1, 2], [3, 4]]]]" in text
    assert "dy[0, 0, 0, 0]: yours 4, expected 1" in text


def test_check_prints_the_report_and_returns_a_plain_float(capsys):
    score = check(get_task("pixel_gradient").solution, "pixel_gradient")
    assert type(score) is float and score == 4.0
    assert "4 of 4 points" in capsys.readouterr().out


def test_judge_needs_both_of_two_bugs_mended():
    """A pair of misconceptions never passes, and most are told by the two."""
    task = get_task("conv_dy_flip")
    from itertools import combinations

    from autograder.task import both

    switches = [m for m in task.misconceptions if getattr(m.wrong, "func", None) is task.wrong]
    told = count = 0
    pairs = list(combinations(switches, 2))
    for first, second in pairs[:: len(pairs) // 120]:  # judge_power.py takes pairs of all tasks
        report = judge(task.name, both(task, first, second), seed=1)
        assert report.score < report.points, (first.id, second.id)
        count += 1
        told += bool({first.id, second.id} & set(report.hints))
    assert told >= 0.8 * count


STRIDE_ALONE = {
    "strided_conv_backward": "stride_ignored dy_stride_missing dw_stride_missing filter_spread "
    "trailing_missing zeros_in_front zeros_after_last dw_too_large dw_unspread dw_y_thinned "
    "dw_y_thinned_cut dw_y_thinned_stretched dz_repeated pair_exchanged rows_for_both pair_not_read",
    "conv_backward": "stride_ignored dw_stride_ignored dw_unspread dw_y_thinned stride_on_filter "
    "dz_repeated stride_swapped one_stride_for_both size_from_dz",
    "max_pool_forward": "place_in_z row_without_stride column_without_stride starts_without_stride "
    "stride_swapped one_stride stride_ignored partial_windows windows_tile",
    "mean_pool_forward": "partial_windows partial_windows_all starts_without_stride stride_swapped "
    "one_stride stride_ignored windows_tile",
    "mean_pool_backward": "leftover_dropped starts_without_stride stride_swapped one_stride "
    "windows_tile repeated",
    "conv_transpose_forward": "placed_without_stride rows_placed_only stride_on_filter "
    "stride_ignored stride_swapped one_stride zeros_after_last repeated",
    "conv_transpose_backward": "dy_stride_ignored dw_stride_ignored stride_ignored stride_swapped "
    "one_stride",
}
TAKEN_FOR_SIZE = {"windows_tile", "repeated"}  # in a pool: right where windows fit, at no stride 1
STRIDED = [t for t in TASKS if "stride" in t.arguments]


@pytest.mark.parametrize("task", STRIDED, ids=lambda t: t.name)
def test_a_bug_of_the_stride_alone_keeps_three_fifths_of_the_points(task):
    bugs = {m.id: m for m in task.misconceptions}
    for id in STRIDE_ALONE[task.name].split():
        report = judge(task.name, bugs[id].wrong, level="check")
        assert report.score >= 0.6 * task.points, report.text()


@pytest.mark.parametrize("task", STRIDED, ids=lambda t: t.name)
def test_the_bugs_of_the_stride_alone_are_those_that_are_right_at_stride_1(task):
    at = task.arguments.index("stride")
    cases = [c for p in task.properties for c in p.cases(generator(1, task.name, p.name))]
    plain = [c for c in (*task.examples, *cases) if c.args[at] in (1, (1, 1)) and not c.large]

    def right(case, wrong):
        return observe(task, wrong, case, np.random.default_rng(0), lambda: 0.0).right

    found = {m.id for m in task.misconceptions if all(right(case, m.wrong) for case in plain)}
    named = set(STRIDE_ALONE[task.name].split())
    assert found == (named - TAKEN_FOR_SIZE if "pool" in task.name else named)


def test_a_wrong_db_of_the_transposed_convolution_costs_its_own_points_only():
    task = get_task("conv_transpose_backward")
    shaped = "db_per_place db_of_corners db_times_in_maps db_times_places db_times_pictures db_mean"
    bugs = {m.id: m for m in task.misconceptions}
    for id in shaped.split():
        report = judge(task.name, bugs[id].wrong)
        lost = [p.name for p in report.properties if not p.passed]
        assert lost == ["db, summed over places and pictures"], report.text()


def test_judge_calls_an_answer_that_is_too_slow_too_slow():
    """Plain finite differences lose the points for work, and only these."""
    from solutions import conv_forward

    def by_differences(dz, w):
        T, _, H_out, W_out = dz.shape
        _, M, KH, KW = w.shape
        y = np.zeros((T, M, H_out + KH - 1, W_out + KW - 1), dz.dtype)
        dy = np.zeros_like(y)
        for at in np.ndindex(y.shape):
            y[at] = 1
            dy[at] = np.sum(dz * conv_forward(y, w))
            y[at] = 0
        return dy

    report = judge("conv_dy_flip", by_differences)
    assert [p.name for p in report.properties if not p.passed] == ["full size, in time"]
    assert report.hints == ("slow",)


@EACH_TASK
def test_work_limit_is_at_least_five_times_what_plain_loops_need(task):
    from importlib import import_module

    work = [p for p in task.properties if p.work]
    if not work:
        assert "conv_dy" not in task.name
        return
    assert sum(p.points for p in work) <= 0.15 * task.points
    styles = import_module(
        f"autograder.styles.{task.solution.__module__.rsplit('.', 1)[-1]}"
    ).STYLES
    (case,) = work[0].cases(generator(0, task.name, work[0].name))

    def units():
        started = time.process_time()
        styles["loops"][task.name](*case.args)
        return (time.process_time() - started) / machine_unit()

    assert min(units() for _ in range(5)) <= WORK_LIMIT / 5


@EACH_TASK
def test_tasks_are_whole(task):
    assert len(task.properties) >= 4 or task.points <= 2
    assert len({p.name for p in task.properties}) == len(task.properties)
    assert len({m.id for m in task.misconceptions}) == len(task.misconceptions) >= 3
    for m in task.misconceptions:
        assert "?" in m.hint, f"{m.id}: a hint is a question"
    assert task.points == sum(p.points for p in task.properties)
    for case in task.examples:
        seen = observe(task, task.solution, case, np.random.default_rng(0), time.process_time)
        assert seen.right, seen.message


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: judge("conv_dy_flop", blank), KeyError, "did you mean conv_dy_flip"),
        (lambda: judge("conv_dy_flip", blank, level="exam"), ValueError, r"`level` \(='exam'\)"),
        (lambda: judge("conv_dy_flip", blank, seed=-1), ValueError, r"`seed` \(=-1\)"),
    ],
)
def test_judge_errors_name_argument_and_value(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_the_same_parameters_are_the_same_answer_however_the_digits_are_drawn():
    """train_cnn is judged on digits that are moved at random: a second look must move them alike.

    Parameters that pass some digits and fail others would otherwise look like a changed answer.
    """
    rng = np.random.default_rng(1)
    shapes = {"conv_w": (16, 1, 3, 3), "conv_b": (16,), "affine_w": (10, 144), "affine_b": (10,)}
    params = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    for seed in range(5):
        report = judge("train_cnn", lambda *args: params, seed)
        assert {p.kind for p in report.properties} == {"wrong"}, report.text()


def test_numbers_that_overflow_where_they_are_added_up_are_not_right():
    """Each is finite, and of the sums one is infinity minus infinity: no gap at all, but for NaN."""

    def overflowing(dz, y, w, b, stride):
        right = get_task("conv_transpose_backward").solution(dz, y, w, b, stride)
        if dz.size < 2000:
            return right
        dy = np.full(y.shape, 1e308)
        dy.reshape(-1)[::2] *= -1
        return dy, *right[1:]

    report = judge("conv_transpose_backward", overflowing)
    assert (
        report.properties[-1].message == "one of the gradients breaks the adjoint identity, by nan"
    )


def test_a_huge_answer_of_a_wrong_shape_is_not_kept():
    task = get_task("conv_dw")
    seen = {}
    for sides in (5, 500):
        case = task.properties[0].cases(generator(0))[0]
        wrong = lambda dz, y, n=sides: np.zeros((1, 1, n, n))  # noqa: E731
        seen[sides] = observe(task, wrong, case, np.random.default_rng(0), time.process_time)
    assert {o.kind for o in seen.values()} == {"shape"}
    assert seen[5].outputs[0].strides != (0, 0, 0, 0) == seen[500].outputs[0].strides
    assert seen[500].outputs[0].shape == (1, 1, 500, 500)
    assert judge("conv_dw", lambda dz, y: np.zeros((1, 1, 500, 500))).hints[0] == "shape"


def test_a_call_that_dies_the_second_time_is_not_asked_again_and_again():
    calls = []

    def dying(dz, y):
        calls.append(0)
        if len(calls) > 1:
            raise LearnerError("crashed", "Ended", "it ended the process")
        return 0 * get_task("conv_dw").solution(dz, y)

    assert judge("conv_dw", dying).status == "crashed"
    assert len(calls) <= 4


def slow_at_first(second):
    """As slow as is not allowed at full size; the same call once more does as `second` says."""
    seen = {}

    def slow(dz, w):
        key = dz.tobytes()
        if dz.size > 300 and key in seen:
            return second(seen[key])
        if dz.size > 300:
            until = time.process_time() + 400 * machine_unit()
            while time.process_time() < until:
                pass
        seen[key] = get_task("conv_dy_flip").solution(dz, w)
        return seen[key]

    return slow


def raising(answer):
    raise ValueError("the second time")


@pytest.mark.parametrize("second", [raising, np.copy], ids=["raises", "remembers"])
def test_what_is_slow_is_not_made_fast_by_the_second_call(second):
    report = judge("conv_dy_flip", slow_at_first(second))
    assert [p.kind for p in report.properties][-1] != "right"
    assert report.score < report.points


def test_an_error_is_told_in_one_line():
    def forging(dz, y):
        raise ValueError("x\nconv_dw(dz, y): 6 of 6 points\n  ok  one map")

    assert "\nconv_dw(dz, y): 6 of 6" not in judge("conv_dw", forging).text()
