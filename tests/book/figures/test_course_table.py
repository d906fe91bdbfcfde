"""The course's tables: what stands in the pages and the tasks, added up."""

import pytest
from figures import course_table

from autograder.tasks import all_tasks


def test_chapters_have_the_minutes_of_their_pages_and_the_points_of_their_tasks():
    (five,) = (c for c in course_table.chapters() if c.number == 5)
    assert (five.stem, five.tasks, five.points, five.variants) == ("ch05_dy", 4, 18, True)
    assert (
        f"about {five.reading} minutes for the page, {five.writing} for"
        in (course_table.CHAPTERS / "ch05_dy.md").read_text()
    )
    assert sum(c.points for c in course_table.chapters()) == sum(
        t.points for t in all_tasks().values()
    )


@pytest.mark.parametrize("table", ["chapters_table", "planning_table", "routes_table"])
def test_tables_have_one_width(table):
    rows = getattr(course_table, table)().splitlines()
    assert len(rows) > 4 and len({row.count("|") for row in rows}) == 1


def test_hours_are_those_of_the_chapters():
    known = {c.number: c.reading + c.writing for c in course_table.chapters()}
    assert abs(course_table.hours([5, 6]) - (known[5] + known[6]) / 60) <= 0.25
    with pytest.raises(ValueError, match="there is no chapter 99"):
        course_table.hours([5, 99])


def test_a_page_without_its_time_is_refused(tmp_path, monkeypatch):
    (tmp_path / "ch05_dy.md").write_text("# A title\n")
    monkeypatch.setattr(course_table, "CHAPTERS", tmp_path)
    with pytest.raises(ValueError, match=r"ch05_dy.md has no title, or no line \*\*Time"):
        course_table.chapters()
