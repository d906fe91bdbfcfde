"""The command line: it says what it did, and what is wrong with what it was given."""

import json
import os
import subprocess
import sys

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


@pytest.mark.parametrize("words", [["tasks"], ["tasks", "--json"]])
def test_a_reader_that_closes_the_pipe_is_no_error(words):
    """As `| head` does: what is short is written when Python ends, what is long before that."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "autograder", *words]
    ended = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (141, b"")


def test_another_pipe_that_breaks_is_an_error(capsys, monkeypatch):
    def breaks(args):
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr("autograder.__main__.run_tasks", breaks)
    assert main(["tasks"]) == 2
    assert "error: [Errno 32] Broken pipe" in capsys.readouterr().err


def test_table_aligns_its_columns():
    assert table([["a", "bb"]], ("one", "two")).splitlines() == ["one  two", "a    bb"]
