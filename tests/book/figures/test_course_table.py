"""The instructors' table: every chapter that has tasks, its points from them, its time from its page."""

import re

import pytest
from figures import course_table

from autograder.tasks import all_tasks


def test_points_are_the_tasks_points():
    for line in course_table.lines():
        mine = [t for t in all_tasks().values() if t.chapter == line.chapter]
        assert (line.tasks, line.points) == (len(mine), sum(t.points for t in mine))


def test_every_page_of_a_chapter_with_tasks_has_a_line():
    pages = {p.stem.split("_")[0] for p in course_table.PAGES.glob("ch*.md")}
    chapters = {t.chapter for t in all_tasks().values()}
    assert [x.chapter for x in course_table.lines()] == sorted(pages & chapters)


def test_minutes_are_those_on_the_page():
    """Chapter 5, read off its page by hand: 60 minutes for the page, 90 for the exercise."""
    (line,) = (x for x in course_table.lines() if x.chapter == "ch05")
    assert (line.page, line.exercise, line.variants) == (60, 90, True)


def test_the_sums_are_the_sums():
    *rows, sums = [
        [float(n) for n in re.findall(r">([\d.]+)</td>", line)]
        for line in course_table.table().splitlines()
        if "<td" in line
    ]
    assert len(rows) == len(course_table.lines())
    assert sums == [sum(column) for column in zip(*rows, strict=True)]


def test_a_page_without_its_time_is_named(tmp_path, monkeypatch):
    (tmp_path / "ch05_dy.md").write_text("# dY\n")
    monkeypatch.setattr(course_table, "PAGES", tmp_path)
    with pytest.raises(ValueError, match=r"ch05_dy\.md does not say its time"):
        course_table.lines()
