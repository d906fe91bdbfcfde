"""Variants: a published answer gets nothing, a right one everything, and the notebook says enough."""

import inspect
import re
import shutil

import nbformat
import numpy as np
import pytest

from autograder import build as builder
from autograder import check, judge
from autograder.answers import answer_source, solved
from autograder.build import build, chapters, remembered_variant
from autograder.grading import grade
from autograder.regrade import regrade
from autograder.task import Function
from autograder.tasks import all_tasks, get_task
from autograder.variants import CHAPTERS, asked, convention, variant, variants_in

VARIED = [name for name, t in all_tasks().items() if t.chapter in CHAPTERS]
CHAPTER = "ch06" if "ch06" in chapters() else "ch05"


def test_conv_dw_by_hand():
    """dz = [[1, 10]], y = [[1, 2, 3]], w (1, 2): book dw = [1 + 20, 2 + 30] = [21, 32].

    Variant 7 doubles z, stores dz (N, H_out, W_out, T), y (M, H, W, T) and dw (KH, KW, N, M), rows
    of w from below: dw = [42, 64], along the second axis.
    """
    how = convention("ch06", 7)
    assert (how.orders["z"], how.orders["y"], how.orders["w"]) == ("nrct", "mrct", "ijnm")
    assert (how.backward, how.factor) == ("i", 2.0)
    dz, y = np.array([[[[1.0], [10.0]]]]), np.array([[[[1.0], [2.0], [3.0]]]])
    dw = get_task("conv_dw@7").solution(dz, y)
    assert dw.shape == (1, 2, 1, 1) and dw.ravel().tolist() == [42.0, 64.0]


def test_conv_dw_by_einsum_agrees():
    """A learner's answer, written in the variant's own letters, without the book's."""
    rng = np.random.default_rng(0)
    dz, y = rng.standard_normal((3, 4, 5, 2)), rng.standard_normal((4, 6, 9, 2))  # nrct, mrct

    def conv_dw(dz, y):
        _, H_out, W_out, _ = dz.shape
        windows = np.lib.stride_tricks.sliding_window_view(y, (H_out, W_out), axis=(1, 2))
        dw = 2 * np.einsum("nrct,mijtrc->ijnm", dz, windows)
        return dw[::-1].copy()

    np.testing.assert_allclose(conv_dw(dz, y), get_task("conv_dw@7").solution(dz, y))
    assert judge("conv_dw@7", conv_dw, seed=3).score == 6


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", VARIED)
def test_right_answers_pass_and_published_ones_get_nothing(name, seed):
    task, here = all_tasks()[name], get_task(f"{name}@{seed}")
    assert judge(f"{name}@{seed}", here.solution, seed=11).score == task.points
    assert judge(f"{name}@{seed}", task.solution, seed=11).score == 0


@pytest.mark.parametrize("name", VARIED)
def test_misconceptions_are_still_noticed(name):
    here = get_task(f"{name}@1")
    for m in here.misconceptions[:8]:
        report = judge(f"{name}@1", m.wrong, seed=5)
        assert report.score < here.points and report.hints, m.id


def test_what_is_left_out_is_named():
    here = get_task("conv_dw@7")
    wrong = next(m.wrong for m in here.misconceptions if m.id == "factor_missing")
    assert judge("conv_dw@7", wrong).hints[0] == "factor_missing"


def test_variants_of_one_chapter_share_a_convention_and_seeds_differ():
    assert convention("ch06", 7) == convention("ch06", 7)
    drawn = {str(convention("ch06", seed)) for seed in range(40)}
    assert len(drawn) == 40
    assert all(convention("ch06", seed).factor != 1 for seed in range(40))


def test_the_statement_says_what_differs_in_whole_indices():
    text = inspect.getdoc(get_task("conv_dw@7").solution)
    assert text.startswith(inspect.getdoc(all_tasks()["conv_dw"].solution)[:200])
    assert "dw[KH - 1 - i, j, n, m] here" in text
    assert "y comes in as (M, H, W, T)" in text
    assert "multiplies its whole result by 2" in text
    assert "dw = [[[[42.]], [[64.]]]]" in text
    assert max(map(len, text.splitlines())) <= 80


def test_pairs_come_with_columns_first():
    here, book = get_task("strided_conv_backward@1"), all_tasks()["strided_conv_backward"]
    assert "stride, where it is a pair, comes with the columns first" in here.solution.__doc__
    prop = [p.name for p in book.properties].index("a stride for rows, one for columns")
    cases = [t.properties[prop].cases(np.random.default_rng(2))[0].args[-1] for t in (book, here)]
    assert cases[0] == cases[1][::-1] and cases[0][0] != cases[0][1]


@pytest.mark.parametrize(
    ("name", "message"),
    [("relu_backward@3", r"`chapter` \(='ch04'\) has no variants"), ("conv_dw@x", "there is no")],
)
def test_errors_name_what_has_no_variant(name, message):
    with pytest.raises((ValueError, KeyError), match=message):
        get_task(name)
    with pytest.raises(ValueError, match=r"`seed` \(=-1\)"):
        variant(all_tasks()["conv_dw"], -1)


def test_asked_reads_the_variant_from_a_check_cell():
    assert asked("conv_dw", 'check(conv_dw, "conv_dw@7")') == "conv_dw@7"
    assert asked("conv_dw", 'check(conv_dw, "conv_dw")') == "conv_dw"


def test_check_in_the_notebook_judges_the_variant(capsys):
    answer: Function = get_task("conv_dw@7").solution
    assert check(answer, "conv_dw@7") == 6.0
    assert check(all_tasks()["conv_dw"].solution, "conv_dw@7") == 0.0
    assert "conv_dw(dz, y): 6 of 6 points" in capsys.readouterr().out


# ----- from build to grades -----


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course with variant 7 of one chapter, and the submissions of three students."""
    folder = tmp_path_factory.mktemp("variant")
    (folder / "source").mkdir()
    shutil.copy(chapters()[CHAPTER], folder / "source")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builder, "SOURCE", folder / "source")
        stem = chapters()[CHAPTER].stem
        build(folder / "course", variant=7)
        blank = nbformat.read(
            folder / "course" / "release" / CHAPTER / f"{stem}.ipynb", as_version=4
        )
        mine = [t for t in all_tasks().values() if t.chapter == CHAPTER]
        answers = {
            "ours": {t.name: get_task(f"{t.name}@7").solution for t in mine},
            "published": {t.name: t.solution for t in mine},
        }
        for student, functions in answers.items():
            texts = {t.name: answer_source(functions[t.name], t) for t in mine}
            place = folder / "course" / "submitted" / student / CHAPTER
            place.mkdir(parents=True)
            (place / f"{stem}.ipynb").write_text(nbformat.writes(solved(blank, texts)))
        yield folder / "course"


def test_a_published_answer_fails_and_an_answer_to_the_variant_passes(course):
    rows = grade(course / "submitted", course, jobs=1, progress=False)
    scores = {s: sum(r.score for r in rows if r.student == s) for s in ("ours", "published")}
    points = sum(t.points for t in all_tasks().values() if t.chapter == CHAPTER)
    assert scores == {"ours": points, "published": 0}
    page = next(course.glob("feedback/published/*/*.html")).read_text()
    assert "In which order do the axes come here" in page
    assert regrade(course / "submitted", course, jobs=1, progress=False) == (rows, [])


def test_the_released_variant_holds_no_answer(course):
    text = next(course.glob(f"release/{CHAPTER}/*.ipynb")).read_text()
    assert "in_the_books_letters" not in text and "SOLUTION" not in text
    for task in all_tasks().values():
        if task.chapter == CHAPTER:
            body = inspect.getsource(task.solution).split('"""')[-1]
            for line in (line.strip() for line in body.splitlines()):
                assert len(line) < 30 or line not in text, line
            assert f'check({task.name}, \\"{task.name}@7\\")' in text
    notebook = nbformat.reads(text, as_version=4)
    assert len({c.id for c in notebook.cells}) == len(notebook.cells)


def test_the_course_remembers_its_variant(course, tmp_path):
    assert remembered_variant(course) == 7
    assert build(course, exercises=tmp_path / "exercises") == []
    assert not (tmp_path / "exercises").exists(), "variants never replace the book's notebooks"
    with pytest.raises(ValueError, match=r"`variant` \(=8\) differs from that of .*, 7;"):
        build(course, variant=8)
    (tmp_path / "release").mkdir()
    with pytest.raises(ValueError, match="holds the published tasks"):
        remembered_variant(tmp_path, 3)
    with pytest.raises(ValueError, match=r"`variant` \(=-3\)"):
        remembered_variant(tmp_path / "new", -3)


def test_submissions_tell_which_variant_they_answer(course, tmp_path):
    assert variants_in(course / "submitted") == {7}
    assert variants_in(tmp_path) == set()


def test_grading_refuses_answers_to_another_variant(course, tmp_path, capsys):
    from autograder.__main__ import main

    words = ["grade", "--submitted", str(course / "submitted"), "--out", str(tmp_path / "out")]
    assert main(words) == 2
    said = capsys.readouterr().err
    assert re.search("answers to variant 7, and the published tasks would be graded", said)


def test_one_student_decides_nothing_however_many_files_are_handed_in(tmp_path):
    def write(student, name, seed):
        place = tmp_path / student / "ch05"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{name}.ipynb").write_text(f'check(conv_dw, \\"conv_dw@{seed}\\")')

    for k in range(60):
        write("a", str(k), 7)
    for student in ("b", "c"):
        write(student, "ch05_dy", 3)
    assert variants_in(tmp_path) == {3}
