"""What a class has handed in: the file to grade, and work that would be graded for nobody."""

import pytest

from autograder.build import chapters
from autograder.submitted import (
    handed_in,
    students,
    tell_of_gone,
    tell_of_rare,
    tell_of_unused,
    unused_work,
    wanted_chapters,
)


def put(folder, *places):
    for place in places:
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")


def test_work_in_the_wrong_place_is_found_and_told_with_its_reason(tmp_path, capsys):
    right = "ada/ch05/ch05_dy.ipynb"
    wrong = {
        "bo/ch05_dy.ipynb": "not in a chapter's folder",
        "cy/Ch05/ch05_dy.ipynb": "not in a chapter's folder",
        "di/ch05_dy/ch05_dy.ipynb": "not in a chapter's folder",
        "ed/ch05/ch05/ch05_dy.ipynb": "not in a chapter's folder",
        "fy/ch05/ch05_dy.zip": "an archive",
        "gus/ch05/mine.ipynb": "one of several: which is ch05_dy.ipynb?",
        "gus/ch05/mine (1).ipynb": "one of several",
    }
    put(tmp_path, right, *wrong)
    put(tmp_path, "ada/ch05/old.ipynb", "ada/ch06/ch06_dw.ipynb", "ada/.ipynb_checkpoints/x.ipynb")
    found = {str(path.relative_to(tmp_path)): why for path, why in unused_work(tmp_path, ["ch05"])}
    assert found.keys() == wrong.keys(), "not the backup beside it, not a chapter of later"
    for place, why in wrong.items():
        assert found[place].startswith(why)
    tell_of_unused(tmp_path, ["ch05"])
    told = capsys.readouterr().err
    assert "graded for nobody, 7 in all" in told and "fy/ch05/ch05_dy.zip (an archive" in told


def test_a_files_name_does_not_steer_the_terminal(tmp_path, capsys):
    put(tmp_path, "ada/\x1b[31mred.ipynb")
    tell_of_unused(tmp_path, ["ch05"])
    told = capsys.readouterr().err
    assert "\x1b" not in told and "⟨U+001B⟩[31mred.ipynb" in told


def test_nothing_is_told_where_all_is_in_its_place(tmp_path, capsys):
    put(tmp_path, "ada/ch05/ch05_dy.ipynb", "bo/ch05/ch05_dy (1).ipynb", "__MACOSX/x/y.ipynb")
    tell_of_unused(tmp_path, ["ch05"])
    tell_of_gone([])
    tell_of_rare(["ch05"] * 2, 2)
    assert capsys.readouterr().err == ""
    assert students(tmp_path) == ["ada", "bo"]


def test_the_renamed_notebook_counts_if_it_is_the_only_one(tmp_path):
    put(tmp_path, "bo/ch05/ch05_dy (1).ipynb", "cy/ch05/a.ipynb", "cy/ch05/b.ipynb")
    assert handed_in(tmp_path, "bo", "ch05").name == "ch05_dy (1).ipynb"
    assert handed_in(tmp_path, "cy", "ch05") is None
    assert handed_in(tmp_path, "nobody", "ch05") is None


@pytest.mark.parametrize(
    ("place", "wanted", "message"),
    [
        ("ch05/ch05_dy.ipynb", [], "is it the folder of the whole class"),  # one student's folder
        ("x/ada/ch05/ch05_dy.ipynb", [], "is it the folder of the whole class"),  # one too high
        ("ada/ch05/ch05_dy.ipynb", ["ch06"], "of ch06"),
        ("ada/ch05/ch05_dy.ipynb", ["ch5"], "did you mean ch05"),
        ("ada/ch05/ch05_dy.ipynb", ["ch05_dy"], "did you mean ch05"),
    ],
)
def test_a_wrong_folder_or_chapter_gives_nobody_a_zero(tmp_path, place, wanted, message):
    put(tmp_path, place)
    with pytest.raises(ValueError, match=message):
        wanted_chapters(tmp_path, wanted)


def test_the_chapters_that_somebody_handed_in_are_wanted(tmp_path):
    put(tmp_path, "ada/ch06/ch06_dw.ipynb", "bo/ch05/renamed.ipynb", "bo/ch99/x.ipynb")
    assert wanted_chapters(tmp_path, []) == ["ch05", "ch06"]
    assert list(chapters())[:1] == ["ch00"]
