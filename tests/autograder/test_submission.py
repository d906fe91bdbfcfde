"""Rebuilding: only the learner's source text counts, whatever happened to the notebook."""

import json
import os
import time
from dataclasses import replace

import nbformat
import pytest
from nbconvert.filters import markdown2html

from autograder.build import EXERCISES
from autograder.submission import (
    Unreadable,
    as_notebook,
    digest,
    from_notebook,
    inert,
    read_cells,
    read_file,
    rebuild,
    template,
)

RELEASE = EXERCISES / "ch05_dy.ipynb"
CELLS = template(RELEASE)
ANSWER, CHECK = "conv_dy_flip-answer", "conv_dy_flip"


def notebook():
    loaded = json.loads(RELEASE.read_text())
    for cell in loaded["cells"]:
        if grade_id(cell) == ANSWER:
            cell["source"] = ["def conv_dy_flip(dz, w):\n", "    return 1"]
    return loaded


def grade_id(cell):
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def position(loaded, name):
    return next(k for k, c in enumerate(loaded["cells"]) if grade_id(c) == name)


def rebuilt(loaded):
    return rebuild(CELLS, json.dumps(loaded).encode())


EXPECTED = rebuilt(notebook())


def test_rebuild_takes_the_answers_and_nothing_else():
    assert [c.name for c in EXPECTED] == [c.name for c in CELLS]
    changed = [c.name for c, d in zip(EXPECTED, CELLS, strict=True) if c != d]
    assert changed == [ANSWER]


def delete_check(nb):
    del nb["cells"][position(nb, CHECK)]


def copy_check(nb):
    nb["cells"].append(dict(nb["cells"][position(nb, CHECK)], id="again"))


def empty_check(nb):
    nb["cells"][position(nb, CHECK)]["source"] = "pass"


def move_checks_first(nb):
    nb["cells"].sort(key=lambda c: grade_id(c) != CHECK)


def more_points(nb):
    nb["cells"][position(nb, CHECK)]["metadata"]["nbgrader"]["points"] = 100


def check_as_text(nb):
    nb["cells"][position(nb, CHECK)]["cell_type"] = "markdown"


def answer_as_text(nb):
    nb["cells"][position(nb, ANSWER)]["cell_type"] = "markdown"


def odd_schema(nb):
    for cell in nb["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"].update(schema_version=99, grade="x", points=float("nan"))


def outputs(nb):
    nb["cells"][position(nb, CHECK)]["outputs"] = [{"output_type": "error", "ename": 5}]


def other_kernel(nb):
    nb["metadata"] = {"kernelspec": {"name": "no-such-kernel"}}


def not_a_cell(nb):
    nb["cells"] += [5, None, {"metadata": []}, {"source": 7}, {"source": [1, 2]}]


def stub_copied_behind(nb):
    stub = next(c for c in json.loads(RELEASE.read_text())["cells"] if grade_id(c) == ANSWER)
    nb["cells"].append(stub)


@pytest.mark.parametrize(
    "change",
    [
        delete_check, copy_check, empty_check, move_checks_first, more_points, check_as_text,
        answer_as_text, odd_schema, outputs, other_kernel, not_a_cell, stub_copied_behind,
    ],
    ids=lambda f: f.__name__,
)  # fmt: skip
def test_rebuild_does_not_care(change):
    loaded = notebook()
    change(loaded)
    assert rebuilt(loaded) == EXPECTED


def test_rebuild_keeps_added_cells_in_their_place():
    loaded = notebook()
    at = position(loaded, ANSWER)
    loaded["cells"].insert(at, {"cell_type": "code", "source": "helper = 1", "metadata": {}})
    loaded["cells"].insert(at + 2, {"cell_type": "markdown", "source": "why", "metadata": {}})
    loaded["cells"].insert(0, {"cell_type": "code", "source": "first = 1", "metadata": None})
    cells = rebuilt(loaded)
    kinds = [(c.kind, c.source) for c in cells if c.id.startswith("added-")]
    assert kinds == [("added", "first = 1"), ("added", "helper = 1"), ("text", "why")]
    assert cells[0].source == "first = 1"
    names = [c.name or c.source for c in cells]
    assert names.index("helper = 1") + 1 == names.index(ANSWER) == names.index("why") - 1


def test_rebuild_of_a_rebuilt_notebook_changes_nothing():
    """nbgrader rebuilds what `grade` has rebuilt: both must find the same verdict."""
    loaded = notebook()
    loaded["cells"].insert(3, {"cell_type": "code", "source": "a = 1", "metadata": {}})
    loaded["cells"].insert(3, {"cell_type": "markdown", "source": "<b>x</b>", "metadata": {}})
    once = rebuilt(loaded)
    again = rebuild(CELLS, nbformat.writes(as_notebook(once)).encode())
    assert digest(once) == digest(again)
    assert from_notebook(as_notebook(once)) == once


def test_deleted_answer_is_the_stub_again():
    loaded = notebook()
    del loaded["cells"][position(loaded, ANSWER)]
    assert rebuilt(loaded) == list(CELLS)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"this is no notebook", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[1, 2]", "no list of cells"),
        (b'{"cells": {}}', "no list of cells"),
        (b"[" * 100_000, "not JSON"),
        (b" " * (21 << 20), "more than the 20 MiB"),
        (json.dumps({"cells": [{}] * 5001}).encode(), "5001 cells, of which 5000 are read"),
        (
            json.dumps({"cells": [{"cell_type": "code", "source": "#" * 9_000_000}]}).encode(),
            "9000000 characters, of which 8388608 are read",
        ),
    ],
    ids=["text", "bytes", "list", "dict", "deep", "large", "cells", "code"],
)
def test_unreadable_files_say_why(content, message):
    with pytest.raises(Unreadable, match=message):
        rebuild(CELLS, content)


def test_lone_surrogates_become_text():
    content = b'{"cells": [{"cell_type": "code", "source": "x = \'\\ud800\'", "metadata": {}}]}'
    ((_, _, _, source),) = read_cells(content)
    source.encode()


def test_html_in_text_of_learners_is_shown_not_run():
    text = "<script>alert(1)</script><!-- --><img src=x>"
    assert inert(text).replace("\u2060", "|") == (
        "<|script>alert(1)<|/script><|!-- --><|img src=x>"
    )
    shown = markdown2html(inert(f"{text} and `for i<n`")).replace("\u2060", "|")
    assert "<script" not in shown and "<img" not in shown and "<!--" not in shown
    assert "<code>for i&lt;|n</code>" in shown
    assert inert("a < b and 1<2") == "a < b and 1<2"
    assert inert("$a &= b$, x & y") == "$a &= b$, x & y"


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt :alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](java&Tab;script:alert(1))",
        r"[x](javascript\:alert(1))",
        r"[x](JavaScript\\ \:alert(1))",
        "[x]: data\\:text/html;base64,PHNjcmlwdD4=",
        "<a href='javascript:alert(1)'>x</a>",
        "[x]: data:text/html;base64,PHNjcmlwdD4=",
        "![x](https://elsewhere.example/picture.png)",
        r"$\href{javascript:alert(1)}{x}$",
        r"$\style{background:url(https://elsewhere.example)}{x}$",
        r"$\\href{javascript:alert(1)}{x}$",
        r"$\\\\href{javascript:alert(1)}{x}$",
        "$\\mmlToken{mi}[href='java\tscript:alert(1)']{x}$",
        r"$\bbox[background:url(https://elsewhere.example)]{x}$",
        r"$\renewcommand{\alpha}{x}\mathtip{x}{\texttip{y}{z}}$",
        "`` ` ``<svg/onload=alert(1)>",
    ],
)
def test_links_entities_and_pictures_are_inert(text):
    """Rendered as nbgrader renders it, nothing is left that runs or asks another host."""
    shown = inert(text)
    assert inert(shown) == shown
    html = markdown2html(shown).replace("\u2060", "|")
    for running in (
        "<script",
        "<svg",
        "<img",
        'href="javascript:',
        'href="data:',
        "\\href",
        "\\style",
        "\\mmltoken",
        "\\bbox",
        "\\renew",
        "\\mathtip",
    ):
        assert running not in html.lower()


def test_a_file_is_read_if_it_is_a_regular_one(tmp_path):
    """A link could lead out of the folder, and a pipe would never end."""
    regular, pipe, link = (tmp_path / name for name in ("regular", "pipe", "link"))
    regular.write_bytes(b"x" * ((20 << 20) + 100))
    os.mkfifo(pipe)
    link.symlink_to(regular)
    assert len(read_file(regular)) == (20 << 20) + 1, "enough to see that it is too large"
    for path in (pipe, link, tmp_path, tmp_path / "not there"):
        with pytest.raises(Unreadable):
            read_file(path)


def test_no_link_leads_to_another_students_work(tmp_path):
    """Neither the file nor its chapter's folder nor the student's may be one."""
    theirs = tmp_path / "ada" / "ch05" / "ch05_dy.ipynb"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("hers")
    for student in ("file", "chapter"):
        (tmp_path / student).mkdir()
    (tmp_path / "file" / "ch05").mkdir()
    (tmp_path / "file" / "ch05" / "ch05_dy.ipynb").symlink_to(theirs)
    (tmp_path / "chapter" / "ch05").symlink_to(theirs.parent)
    (tmp_path / "student").symlink_to(theirs.parents[1])
    assert read_file(theirs) == b"hers"
    for student in ("file", "chapter", "student"):
        with pytest.raises(Unreadable, match="links are not followed"):
            read_file(tmp_path / student / "ch05" / "ch05_dy.ipynb")
    elsewhere = tmp_path.with_name("a link to the class")
    elsewhere.symlink_to(tmp_path)  # the instructor's own folder may be one
    assert read_file(elsewhere / "ada" / "ch05" / "ch05_dy.ipynb") == b"hers"


def test_a_text_is_kept_up_to_a_limit():
    loaded = notebook()
    loaded["cells"].append({"cell_type": "markdown", "source": "why " * 50_000, "metadata": {}})
    assert len(rebuilt(loaded)[-1].source) == 20_000


def test_the_digest_depends_on_the_cells_ids():
    """What is stored under it names its outputs by them."""
    renamed = [replace(EXPECTED[0], id="another"), *EXPECTED[1:]]
    code = next(k for k, c in enumerate(EXPECTED) if c.is_code)
    renamed_code = [*EXPECTED[:code], replace(EXPECTED[code], id="another"), *EXPECTED[code + 1 :]]
    assert digest(renamed_code) != digest(EXPECTED)
    assert digest(renamed) == digest(EXPECTED) or EXPECTED[0].is_code


@pytest.mark.parametrize(
    "text", ["\\" * 20_000, "&a" * 10_000, "data " * 4_000, "data" + " " * 20_000]
)
def test_no_text_takes_long_to_make_inert(text):
    started = time.process_time()
    inert(text)
    assert time.process_time() - started < 1.0


def test_all_texts_together_have_a_limit():
    loaded = notebook()
    loaded["cells"] += [{"cell_type": "markdown", "source": "x" * 10_000, "metadata": {}}] * 100
    added = [c for c in rebuilt(loaded) if c.id.startswith("added-")]
    assert sum(len(c.source) for c in added) == 300_000


def test_a_file_name_that_is_not_utf_8_can_be_told(tmp_path):
    link = tmp_path / os.fsdecode(b"\xff.ipynb")
    link.symlink_to("/etc/passwd")
    with pytest.raises(Unreadable) as caught:
        read_file(link)
    str(caught.value).encode()
