"""Header buttons that start an exercise: in the browser first; Binder and Colab after it.

The theme's Binder and Colab buttons stay on the exercises, which are notebooks that these can open.
On the other pages, written in Markdown, they would open what is no notebook there.
"""

from typing import Any

from sphinx.application import Sphinx

EXERCISES = "book/exercises/"


def buttons(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    if "header_buttons" not in context:
        return
    if not pagename.startswith(EXERCISES):
        context["header_buttons"] = [
            b for b in context["header_buttons"] if b.get("label") != "launch-buttons"
        ]
        return
    up = "../" * pagename.count("/")
    notebook = pagename.removeprefix(EXERCISES) + ".ipynb"
    context["header_buttons"].insert(
        0,
        {
            "type": "link",
            "url": f"{up}lite/notebooks/index.html?path={notebook}",
            "tooltip": "JupyterLite: nothing to install; your work is kept in this browser",
            "icon": "fas fa-play",
            "label": "run-in-browser",
            "text": "Do it in the browser",
        },
    )


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("html-page-context", buttons, priority=700)  # after the theme's own (501)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
