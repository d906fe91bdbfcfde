"""The directive `{editor}`: write a task's function in the page, run it, have it judged.

    :::{editor} conv_dy_scatter conv_dy_flip
    Code that stands above the function (optional; `import numpy as np` is always there).
    :::

The arguments are tasks; with more than one, the reader chooses. The editor starts with the task's
statement, as in the notebook. Without JavaScript and in print the statement stands there as it is.
"""

import inspect
import json
from html import escape
from typing import Any

from docutils import nodes
from html_nodes import Leaf
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from autograder.build import split_at_docstring
from autograder.task import Task
from autograder.tasks import get_task

BELOW = 5  # empty lines of room below the statement


def stub(task: Task, above: str = "") -> str:
    """What the reader starts with: imports, the task's statement, nothing below it."""
    head, _ = split_at_docstring(inspect.getsource(task.solution))
    parts = ["import numpy as np", *([above] if above else [])]
    return "\n\n".join(parts) + f"\n\n\n{head}\n    raise NotImplementedError\n"


def notebook(task: Task) -> str:
    """The file of the exercise that the task is from."""
    return f"{task.solution.__module__.rsplit('.', 1)[-1]}.ipynb"


def html(tasks: list[Task], above: str, up: str, number: int) -> str:
    """The whole element; `up` leads to the site's root, `number` tells a page's editors apart."""
    stubs = {task.name: stub(task, above) for task in tasks}
    first = next(iter(stubs.values()))
    lines = max(text.count("\n") for text in stubs.values()) + BELOW
    opened = f"{up}lite/notebooks/index.html?path={notebook(tasks[0])}"
    data = json.dumps(stubs, ensure_ascii=False).replace("<", "\\u003c")
    label = f"Editor: {', '.join(stubs)}"
    return (
        f'<code-editor role="region" aria-label="{escape(label)}" data-state="idle"'
        f' data-notebook="{escape(opened)}">'
        f"{_choice(stubs, number)}"
        f'<div class="code" style="--lines: {lines}"><pre tabindex="0">{escape(first)}</pre></div>'
        f'<p class="keys" id="editor-keys-{number}">Enter indents; Ctrl+] and Ctrl+[ move lines. '
        "Shift+Enter checks, Ctrl+Enter runs, Tab leaves.</p>"
        f'<div class="buttons">{_BUTTONS}'
        f'<a data-do="notebook" href="{escape(opened)}" target="_blank" rel="noopener">'
        "Open as notebook</a></div>"
        f'<div class="said"><progress max="1" value="0" aria-label="Python" hidden></progress>'
        '<output aria-live="polite"></output></div>'
        '<div class="result" hidden></div>'
        f'<script type="application/json">{data}</script></code-editor>'
    )


def _choice(stubs: dict[str, str], number: int) -> str:
    if len(stubs) == 1:
        return ""
    options = "".join(f"<option>{escape(name)}</option>" for name in stubs)
    return (
        f'<p class="choice"><label for="editor-task-{number}">Function</label> '
        f'<select id="editor-task-{number}">{options}</select></p>'
    )


_BUTTONS = "".join(
    f'<button type="button" data-do="{name}"{off}>{text}</button>'
    for name, text, off in (
        ("check", "Check", ""),
        ("run", "Run", ""),
        ("stop", "Stop", ' aria-disabled="true"'),
        ("reset", "Start over", ""),
    )
)


class EditorDirective(SphinxDirective):
    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        try:
            tasks = [get_task(name) for name in self.arguments[0].split()]
        except KeyError as problem:
            raise self.error(f"editor: {problem.args[0]}") from problem
        if len({notebook(task) for task in tasks}) > 1:
            raise self.error(f"editor: {self.arguments[0]} are of different chapters")
        for task in tasks:  # the page is read anew when a statement changes
            self.env.note_dependency(inspect.getfile(task.solution))
        up = "../" * self.env.docname.count("/")
        number = self.env.new_serialno("editor")
        return [Leaf("", html=html(tasks, "\n".join(self.content), up, number))]


def setup(app: Sphinx) -> dict[str, Any]:
    app.setup_extension("html_nodes")
    app.add_directive("editor", EditorDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
