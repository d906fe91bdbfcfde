"""The command line: it says what it did, and what is wrong with what it was given."""

import json

import pytest

from autograder.__main__ import main, table
from autograder.tasks import all_tasks


def test_tasks_as_json_lists_them_all(capsys):
    assert main(["tasks", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [r["name"] for r in rows] == list(all_tasks())
    for row in rows:
        assert sum(row["properties"].values()) == row["points"]
        assert len(row["misconceptions"]) >= 3


def test_tasks_as_a_table(capsys):
    assert main(["tasks"]) == 0
    assert "conv_dy_flip(dz, w)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["grade", "--submitted", "nowhere", "--out", "x"], "`submitted` (='nowhere')"),
        (["grade", "--submitted", ".", "--out", "x", "--jobs", "0"], "`--jobs` (=0)"),
    ],
)
def test_errors_are_one_line_and_exit_status_2(words, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: ") and message in said and said.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_table_aligns_its_columns():
    assert table([["a", "bb"]], ("one", "two")).splitlines() == ["one  two", "a    bb"]
