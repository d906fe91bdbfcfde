"""What the benchmark of the judge must say: a sample here, all of it in `make test-full`."""

import importlib.util
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.left_out import leave_out

ROOT = Path(__file__).parents[2]


def counts(*options):
    command = [sys.executable, "benchmarks/judge_power.py", "--json", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    print(done.stdout)  # which implementations it were, if it does not hold
    return json.loads(done.stdout.splitlines()[-1])


def holds(count):
    assert count["caught"] == count["wrong"]
    assert count["first_hint"] >= 0.9 * count["wrong"]
    assert count["top2_hint"] >= 0.97 * count["wrong"]
    assert count["check_and_grade_differ"] == 0
    assert count["pairs_caught"] == count["pairs"]
    assert count["pairs_true_hint"] >= 0.8 * count["pairs"]
    assert count["unseen_caught"] == count["unseen"]
    assert count["unseen_true_hint_before_tuning"] >= 0.7 * count["unseen"]
    assert count["false_rejections"] == 0
    assert count["mutants_caught"] == count["mutants"]


def test_a_sample_of_the_judges_power():
    count = counts("--fast")
    assert count["wrong"] >= 60 and count["pairs"] >= 30 and count["right"] >= 100
    holds(count)


@pytest.mark.slow
def test_the_judges_whole_power():
    count = counts()
    assert count["tasks"] == 37 and count["wrong"] >= 150 and count["pairs"] >= 100
    assert count["unseen"] >= 60 and count["mutants"] >= 900
    holds(count)


def test_every_listed_mutant_is_one_and_is_argued():
    if importlib.util.find_spec("mutmut") is None:
        leave_out("mutmut is missing: install requirements-dev.txt")
    code = "import json, mutants; print(json.dumps([m[:3] for m in mutants.mutants()]))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PYTHONPATH": "benchmarks", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    made = {tuple(m) for m in json.loads(done.stdout)}
    rows = tomllib.loads((ROOT / "benchmarks" / "equivalent_mutants.toml").read_text())["mutant"]
    for row in rows:
        assert (row["function"], row["before"], row["after"]) in made, row
        assert len(row["why"]) > 20, row
