"""A learner's process: cells run as in IPython, a bad call costs that call only."""

import os
import time

import numpy as np
import psutil
import pytest

from autograder.isolation import sandbox
from autograder.isolation.session import Limits, Session
from autograder.judge import generator
from autograder.observe import LearnerError
from autograder.tasks import get_task

QUICK = Limits(call_cpu=0.5, cell_cpu=1.0)


@pytest.fixture(params=["sandboxed", "plain"])
def session(request, monkeypatch):
    if request.param == "plain":
        monkeypatch.setenv(sandbox.UNSANDBOXED, "1")
    with Session(QUICK) as running:
        running.run("import numpy as np")
        yield running


def test_cells_run_as_in_ipython(session):
    told = session.run("x = 2\nprint('hello')\nx + 1")
    assert "hello" in told["text"] and "3" in told["text"] and "error" not in told
    assert session.run("%time y = x")["text"]
    assert session.run("1/0")["error"]["class"] == "ZeroDivisionError"


def test_pictures_come_back_as_png(session):
    code = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
    told = session.run(code)
    assert len(told["png"]) == 1, told


@pytest.mark.parametrize(
    "source",
    [
        "%matplotlib inline",
        "%load_ext autoreload\n%autoreload 2",
        "%timeit -n1 -r1 1 + 1",
        "%%time\nx = 1",
        "import warnings\nwarnings.warn('careful')",
        "from concurrent.futures import ThreadPoolExecutor as Pool\n"
        "with Pool(4) as pool:\n    print(sum(pool.map(abs, range(9))))",
        "async def f():\n    return 3\nprint(await f())",
        "import tempfile, pathlib, sqlite3, getpass, platform, multiprocessing\n"
        "pathlib.Path(tempfile.mkdtemp(), 'x').write_text('x')\n"
        "print(getpass.getuser(), platform.platform(), multiprocessing.cpu_count())",
        "import datetime\nprint(datetime.datetime.now().astimezone())",
        "?print",
        "%who",
    ],
)
def test_what_honest_notebooks_do_works(session, source):
    assert "error" not in session.run(source)


def test_functions_are_called_with_plain_arguments(session):
    session.run("def scaled(a, k):\n    return k * a, a.shape")
    a = np.arange(6.0).reshape(2, 3)
    got, shape = session.function("scaled")(a, 2)
    assert np.array_equal(got, 2 * a) and shape == (2, 3)


def test_a_changed_argument_is_seen_here(session):
    session.run("def f(a):\n    a[0] = 7\n    return a")
    a = np.zeros(3)
    session.function("f")(a)
    assert a[0] == 7


def test_a_read_only_argument_is_read_only_there(session):
    session.run("def f(a):\n    a[0] = 7")
    a = np.zeros(3)
    a.flags.writeable = False
    with pytest.raises(LearnerError, match="read-only"):
        session.function("f")(a)


def test_errors_come_with_class_message_and_line(session):
    session.run("def f(a):\n    b = a\n    return b + 'text'  # here")
    with pytest.raises(LearnerError) as caught:
        session.function("f")(1)
    assert (caught.value.kind, caught.value.name) == ("exception", "TypeError")
    assert caught.value.line == "return b + 'text'  # here"


def test_a_missing_function_says_why(session):
    session.run("def f(:", defines="f")
    with pytest.raises(LearnerError, match="no function f: its cell raised SyntaxError") as caught:
        session.function("f")()
    assert caught.value.kind == "missing"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("while True: pass", "timeout"),
        ("import time; time.sleep(60)", "timeout"),
        ("import os; os._exit(3)", "crashed"),
        ("import ctypes; ctypes.string_at(0)", "crashed"),
        ("return bytearray(10**12)", "exception"),
    ],
)
def test_a_bad_call_costs_that_call_only(session, body, kind):
    session.run(f"def bad():\n    {body}")
    session.run("def good():\n    return 5")
    with pytest.raises(LearnerError) as caught:
        session.function("bad")()
    assert caught.value.kind == kind
    assert session.function("good")() == 5


def test_an_endless_cell_is_stopped_and_not_run_again(session):
    session.run("def good():\n    return 5")
    assert session.run("while True: pass")["error"]["class"] == "Timeout"
    started = time.monotonic()
    assert session.function("good")() == 5
    assert time.monotonic() - started < 5


def test_without_a_sandbox_nothing_is_left_behind(monkeypatch):
    monkeypatch.setenv(sandbox.UNSANDBOXED, "1")
    with Session(QUICK) as session:
        session.run("import subprocess; subprocess.Popen(['sleep', '60'])")
        session.run("open('left', 'w').write('x')")
        pid, folder = session.process.process.pid, session.process.folder
        children = psutil.Process(pid).children(recursive=True)
        assert len(children) == 1 and os.listdir(folder)
    _, alive = psutil.wait_procs(children, timeout=5)
    assert not alive and not psutil.pid_exists(pid) and not os.path.exists(folder)


def test_the_learners_side_has_a_check_that_does_nothing_and_no_tasks(session):
    assert session.run("from autograder import check\nassert check(1, 'x') is None") == {
        "text": "",
        "png": [],
    }
    assert "error" not in session.run("from autograder.gradcheck import adjoint_gap")
    for hidden in ("autograder.tasks", "autograder.judge"):
        assert session.run(f"import {hidden}")["error"]["class"] == "ModuleNotFoundError"


def test_output_without_end_is_cut(session):
    assert len(session.run("print('x' * 10**7)")["text"]) < 30_000


def test_cpu_clock_counts_the_learners_time(session):
    session.run("def work():\n    return sum(range(3_000_000))")
    work = session.function("work")
    before = work.cpu_clock()
    work()
    assert work.cpu_clock() > before


@pytest.mark.parametrize("returned", ["object()", "lambda: 1", "{1: 2}", "np.ma.array([1.0])"])
def test_what_is_no_plain_data_arrives_as_something_of_the_wrong_type(session, returned):
    session.run(f"def f():\n    return {returned}")
    got = session.function("f")()
    assert type(got) not in (np.ndarray, float, int, bool)


def test_nested_arguments_and_values_cross(session):
    session.run("def f(p):\n    p['a'][0][:] = 5\n    return {'b': [p['a'][0] + 1, 2.0]}")
    given = {"a": [np.zeros(2)]}
    got = session.function("f")(given)
    assert got["b"][0].tolist() == [6.0, 6.0] and got["b"][1] == 2.0
    assert given["a"][0].tolist() == [5.0, 5.0], "a changed argument is seen here, nested too"


def test_a_function_of_the_judge_can_be_called_from_there(session):
    session.run("def slope(f, x):\n    return (f(x + 1) - f(x - 1)) / 2")
    calls = []

    def square_sum(x):
        calls.append(x)
        return float(np.sum(x**2))

    assert session.function("slope")(square_sum, np.array([1.0, 2.0])) == pytest.approx(6.0)
    assert len(calls) == 2


def test_an_error_of_a_function_of_the_judge_is_the_learners_error(session):
    session.run("def f(g):\n    return g('text')")
    with pytest.raises(LearnerError, match="TypeError") as caught:
        session.function("f")(lambda x: x + 1)
    assert caught.value.kind == "exception"


def test_no_other_function_can_be_called(session):
    """A forged callback ends the process; the judge goes on."""
    session.run(
        "import gc, socket, json, struct\ndef f(g):\n    g.__closure__[1].cell_contents\n"
        "    import wire\n    return 1"
    )
    session.run(
        "def forge(g):\n"
        "    cells = [c.cell_contents for c in g.__closure__]\n"
        "    channel = next(c for c in cells if hasattr(c, 'send'))\n"
        "    channel.send({'callback': 99, 'args': []}, [])\n"
        "    return channel.receive()\n"
    )
    with pytest.raises(LearnerError, match="not handed over") as caught:
        session.function("forge")(lambda x: x)
    assert caught.value.kind == "crashed"


def test_a_notebook_sees_the_layers_of_earlier_chapters_and_the_digits():
    code = (
        "from autograder.given import before\n"
        "from autograder.digits import load_digits\n"
        "layers = before('ch06')\n"
        "image, target = load_digits()\n"
        "print(sorted(vars(layers)))\n"
        "print(layers.conv_forward(image[:2], np.ones((3, 1, 3, 3)), np.zeros(3)).shape)\n"
    )
    with Session(QUICK, "ch06") as running:
        running.run("import numpy as np")
        told = running.run(code)
        assert "error" not in told, told
        assert "conv_dy_flip" in told["text"] and "conv_dw" not in told["text"]
        assert "(2, 3, 6, 6)" in told["text"]
        later = running.run("before('ch07')")["error"]
        assert later["class"] == "ValueError" and "'ch00' to 'ch06'" in later["message"]
        assert "error" not in running.run("before('ch05')")
        with pytest.raises(LearnerError):
            running.run("import os\ndef end():\n    os._exit(1)")
            running.function("end")()
        assert "error" not in running.run("before('ch06')"), "a new process has them too"


def test_without_a_chapter_nothing_is_given(session):
    for hidden in ("autograder.given", "autograder.digits", "solutions"):
        assert session.run(f"import {hidden}")["error"]["class"] == "ModuleNotFoundError"


def test_no_answer_of_the_notebooks_own_or_a_later_chapter_is_sent():
    from autograder.isolation.session import _for_chapter
    from autograder.tasks import all_tasks

    for chapter in sorted({task.chapter for task in all_tasks().values()}):
        header, _ = _for_chapter(chapter)
        sent = str(header["given"])
        for name, task in all_tasks().items():
            assert task.chapter < chapter or f"def {name}(" not in sent


GIVEN_CELL = """
from autograder.digits import load_digits

image, target = load_digits()
try:
    trained = train_cnn(image[:1437], target[:1437], 0)
except NotImplementedError:
    trained = None


def trained_params(image, target, seed):
    if trained is None:
        raise NotImplementedError
    return trained
"""


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("def train_cnn(image, target, seed):\n    raise NotImplementedError", "blank"),
        ("def train_cnn(image, target, seed):\n    return [][0]", "error"),
        ("def train_cnn(image, target, seed):\n    while True: pass", "error"),
        ("def train_cnn(image, target, seed):\n    return stand_in(image, target, seed)", "graded"),
    ],
)
def test_training_is_judged_by_what_the_given_cell_kept(answer, status):
    """The run is in the learner's own cell; the check only fetches its result."""
    import inspect

    from autograder.judge import judge
    from autograder.styles.ch13_cnn import train_least_squares

    stand_in = inspect.getsource(train_least_squares).replace("train_least_squares", "stand_in")
    with Session(Limits(call_cpu=2.0, cell_cpu=5.0), "ch13") as running:
        running.run(
            "from typing import Any\nimport numpy as np\nFloats = Params = Any\nNDArray = list"
        )
        running.run(stand_in.replace("NDArray[np.int64]", "Any"))
        running.run(answer, defines="train_cnn")
        running.run(GIVEN_CELL, defines="trained_params")
        report = judge("train_cnn", running.function("trained_params"))
    assert report.status == status, report.text()
    assert report.score == (report.points if status == "graded" else 0)


def test_the_start_of_a_process_is_no_part_of_a_calls_time(session):
    """After a crash the cells are run again: neither the call nor the submission pays for that."""
    burn = "import time\nuntil = time.process_time() + 0.4\nwhile time.process_time() < until: pass"
    session.run(burn)
    session.run("def crash():\n    import os; os._exit(1)\ndef one():\n    return 1")
    used = []
    for _ in range(3):
        with pytest.raises(LearnerError):
            session.function("crash")()
        one = session.function("one")
        before = one.cpu_clock()
        assert one() == 1
        used.append(one.cpu_clock() - before)
    assert max(used) < 0.2
    assert session.used < 0.9, "once 0.4 s, not four times"


def test_one_task_does_not_use_up_the_restarts_of_the_next(session):
    session.run("def crash():\n    import os; os._exit(1)\ndef one():\n    return 1")
    crash = session.function("crash")
    for _ in range(20):
        with pytest.raises(LearnerError):
            crash()
    assert session.function("one")() == 1


def test_whoever_sleeps_is_stopped_before_whoever_works(session):
    session.limits = Limits(call_cpu=20.0, cell_cpu=20.0, idle=0.5)
    started = time.monotonic()
    assert session.run("import time; time.sleep(30)")["error"]["class"] == "Timeout"
    assert time.monotonic() - started < 5
    busy = "until = time.process_time() + 1.5\nwhile time.process_time() < until: pass"
    assert "error" not in session.run("import time\n" + busy)


@pytest.mark.parametrize(
    "call", ["f(x=a)", "f(a.astype(object))", "f(a.astype(np.longdouble))", "f(a.astype('>f8'))",
             "f(a.view(type('Mine', (np.ndarray,), {})))"],
)  # fmt: skip
def test_a_formula_takes_here_what_it_takes_in_the_notebook(session, call):
    session.run(f"def slope(f, a):\n    return {call}")
    task = get_task("numeric_gradient")
    formula, x, _ = task.properties[0].cases(generator(0, "x"))[0].args
    assert session.function("slope")(formula, x) == formula(x)


@pytest.mark.parametrize("dtype", ["np.longdouble", "'>f8'"])
def test_other_floating_numbers_come_back_as_ours(session, dtype):
    session.run(f"def f(a):\n    return a.astype({dtype})")
    answer = session.function("f")(np.arange(3.0))
    assert answer.dtype == np.float64 and answer.tolist() == [0, 1, 2]
