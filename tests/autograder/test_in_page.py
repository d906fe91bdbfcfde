"""What the page's editor gets for the code in it."""

import pytest

from autograder.in_page import MOST_PRINTED, check, run

SQUARE = "def square_backward(dz, y):\n    return 2 * y * dz\n"
STUB = "def square_backward(dz, y):\n    raise NotImplementedError\n"


def test_run_shows_what_is_printed():
    answer = run("print(1 + 2)", "square_backward")
    assert answer == {"status": "It ran.", "printed": "3\n", "problem": "", "html": ""}


def test_run_without_output_calls_the_function_on_its_smallest_example():
    answer = run(SQUARE, "square_backward")
    assert answer["printed"].startswith("square_backward with\n  dz (2,) = [ 1., 10.]\n")
    assert answer["printed"].endswith("returns\n[  6. -40.]\n")


def test_run_shows_the_learners_lines_of_a_traceback():
    answer = run("import numpy as np\n\nnp.zeros(2)[5]\n", "square_backward")
    assert answer["problem"].splitlines()[1:3] == [
        '  File "<your code>", line 3, in <module>',
        "    np.zeros(2)[5]",
    ]
    assert answer["problem"].endswith("IndexError: index 5 is out of bounds for axis 0 with size 2")
    assert "autograder" not in answer["problem"]


@pytest.mark.parametrize("code", ["x =", "raise SystemExit", "import nothing_of_that_name"])
@pytest.mark.parametrize("ask", [run, check])
def test_whatever_stops_the_code_is_told(ask, code):
    answer = ask(code, "square_backward")
    assert answer["problem"]
    assert "stopped with an error" in answer["status"]


@pytest.mark.parametrize("ask", [run, check])
def test_a_function_of_another_name_is_missed(ask):
    assert "no function square_backward" in ask("x = 1", "square_backward")["status"]


def test_check_gives_the_judges_report():
    right = check(SQUARE, "square_backward")
    assert right["score"] == right["points"] > 0
    assert "<table>" in right["html"]
    blank = check(STUB, "square_backward")
    assert blank["score"] == 0
    assert "not written yet" in blank["html"]


def test_what_a_function_prints_is_shown_and_bounded():
    noisy = "def square_backward(dz, y):\n    print('x' * 5000)\n    return 2 * y * dz\n"
    answer = check(noisy, "square_backward")
    assert answer["score"] == answer["points"]
    assert MOST_PRINTED < len(answer["printed"]) < MOST_PRINTED + 100
    assert answer["printed"].endswith("(more was printed)\n")


def test_each_run_is_fresh():
    run("left_over = 1", "square_backward")
    assert "NameError" in run("left_over", "square_backward")["problem"]
