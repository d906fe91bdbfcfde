"""Two nodes for the book's own directives, written by the HTML builders only.

`Element` is a tag around other nodes. `Leaf` is finished HTML; unlike docutils' raw node, its text
stays out of the search index. Handlers are registered under `html` alone: Sphinx falls back to
them for every HTML builder, and a second registration under a builder's own name would hide the
handlers of all other extensions from that builder.
"""

from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator


class Element(nodes.General, nodes.Element):
    """`Element("", *children, tag="li", attributes={"class": "x", "data-right": ""})`."""


class Leaf(nodes.General, nodes.Element):
    """`Leaf("", html="<b>…</b>")`."""


def element(tag: str, *children: nodes.Node, **attributes: str) -> Element:
    """An Element; an underscore in an attribute's name stands for a hyphen, a last one for none."""
    named = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    return Element("", *children, tag=tag, attributes=named)


def _open(translator: HTML5Translator, node: Element) -> None:
    attributes = dict(node["attributes"])
    if node["ids"]:
        attributes["id"] = node["ids"][0]
    written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    translator.body.append(f"<{node['tag']}{written}>")


def _close(translator: HTML5Translator, node: Element) -> None:
    translator.body.append(f"</{node['tag']}>")


def _write(translator: HTML5Translator, node: Leaf) -> None:
    translator.body.append(node["html"])


def _nothing(translator: HTML5Translator, node: nodes.Node) -> None:
    pass


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_node(Element, html=(_open, _close))
    app.add_node(Leaf, html=(_write, _nothing))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
