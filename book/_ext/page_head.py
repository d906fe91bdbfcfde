"""What a page says of itself to search engines and to whoever links to it; and the page for 404.

The description is the page's first paragraph of prose. Addresses follow from `repository.url` in
_config.yml, the one line that a fork changes: https://github.com/owner/name is published at
https://owner.github.io/name/. `html.baseurl` overrides that.
"""

import re
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

LONGEST = 200  # what search engines show of a description
PICTURE = "_static/cover.png"


def pages_address(repository: str) -> str:
    """Where GitHub Pages serves a repository's site; "" for a repository elsewhere."""
    parts = urlsplit(repository)
    owner, _, name = parts.path.strip("/").removesuffix(".git").partition("/")
    if parts.hostname != "github.com" or not name:
        return ""
    own_site = name.lower() == f"{owner}.github.io".lower()
    return f"https://{owner.lower()}.github.io/" + ("" if own_site else f"{name}/")


def set_address(app: Sphinx, config: Config) -> None:
    if not config.html_baseurl:
        config.html_baseurl = pages_address(config.html_theme_options.get("repository_url", ""))


def description(doctree: nodes.document) -> str:
    """The first paragraph that is prose of the page itself, cut at a word."""
    boxes = (nodes.Admonition, nodes.table, nodes.figure, nodes.footnote, nodes.topic)
    for paragraph in doctree.findall(nodes.paragraph):
        if isinstance(paragraph.parent, boxes):
            continue
        text = " ".join(paragraph.astext().split())
        if len(text) >= 40:
            return text if len(text) <= LONGEST else text[: LONGEST - 2].rsplit(" ", 1)[0] + " …"
    return ""


def add_tags(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    title = re.sub("<[^>]+>", "", context.get("title", ""))
    about = (doctree is not None and description(doctree)) or app.config.html_title or title
    address = app.config.html_baseurl
    tags = {
        "og:title": title,
        "og:description": about,
        "og:type": "article",
        "og:site_name": app.config.html_title,
    }
    if address:
        tags |= {
            "og:url": f"{address}{app.builder.get_target_uri(pagename)}",
            "og:image": f"{address}{PICTURE}",
            "og:image:alt": "A steppable figure of the book",
        }
    written = [f'<meta name="description" content="{escape(about)}">']
    written += [f'<meta property="{k}" content="{escape(v)}">' for k, v in tags.items() if v]
    context["metatags"] = context.get("metatags", "") + "\n".join(written)


def write_404(app: Sphinx, problem: Exception | None) -> None:
    """One file without neighbours: a server may show it for an address of any depth."""
    if problem is None and app.builder.name == "html":
        home = urlsplit(app.config.html_baseurl).path or "/"
        template = (Path(__file__).parent.parent / "_templates" / "404.html").read_text()
        page = template.replace("{title}", escape(app.config.html_title)).replace("{home}", home)
        (Path(app.outdir) / "404.html").write_text(page)


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("config-inited", set_address)
    app.connect("html-page-context", add_tags)
    app.connect("build-finished", write_404)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
