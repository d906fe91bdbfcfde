"""The editor as it stands in a page, before any script."""

import json
import re
from typing import Any

import pytest
from editor_directive import html, notebook, stub
from sphinx.testing.util import SphinxTestApp

from autograder.in_page import check
from autograder.tasks import all_tasks, get_task


def build(app: SphinxTestApp, text: str) -> str:
    (app.srcdir / "index.md").write_text(f"# Page\n\nProse word.\n\n{text}\n")
    app.setup_extension("editor_directive")
    app.build(force_all=True)
    return (app.outdir / "index.html").read_text()


@pytest.mark.parametrize("name", all_tasks())
def test_every_task_can_stand_in_a_page(name: str) -> None:
    written = check(stub(get_task(name)), name)
    assert written["score"] == 0
    assert "not written yet" in written["html"]


def test_a_stub_holds_the_statement_and_what_is_given_above_it() -> None:
    text = stub(get_task("square_backward"), "from autograder.given import before")
    assert text.startswith("import numpy as np\n\nfrom autograder.given import before\n\n\ndef ")
    assert text.endswith('"""\n    raise NotImplementedError\n')


def test_the_element_is_whole_without_its_script() -> None:
    tasks = [get_task("conv_dy_scatter"), get_task("conv_dy_flip")]
    page = html(tasks, "", "../../", 0)
    assert notebook(tasks[0]) == "ch05_dy.ipynb"
    assert "<option>conv_dy_scatter</option><option>conv_dy_flip</option>" in page
    assert page.count('href="../../lite/notebooks/index.html?path=ch05_dy.ipynb"') == 1
    shown = re.findall(r"<pre tabindex=\"0\">(.*?)</pre>", page, re.DOTALL)
    assert len(shown) == 1
    assert "def conv_dy_scatter(dz, w):" in shown[0]
    data = page.split('<script type="application/json">')[1].removesuffix("</script></code-editor>")
    assert "<" not in data
    assert list(json.loads(data)) == ["conv_dy_scatter", "conv_dy_flip"]


def test_directive_spares_the_search_index(book_app: SphinxTestApp) -> None:
    page = build(book_app, ":::{editor} conv_dy_flip\n:::")
    assert book_app.warning.getvalue() == ""
    assert "<code-editor " in page
    assert "<select" not in page
    index = (book_app.outdir / "searchindex.js").read_text()
    assert '"prose"' in index
    assert "notimplementederror" not in index.lower()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            ":::{editor} conv_dy_flop\n:::",
            "there is no task `name` (='conv_dy_flop'); did you mean",
        ),
        (":::{editor} conv_dy_flip conv_dw\n:::", "conv_dy_flip conv_dw are of different chapters"),
    ],
)
def test_directive_reports_what_is_wrong(book_app: Any, text: str, message: str) -> None:
    build(book_app, text)
    assert message in book_app.warning.getvalue()
