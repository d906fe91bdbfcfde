"""What the theme does not do well, mended in the HTML that it writes (_templates/layout.html).

- Icons: its script with all of Font Awesome is half a megabyte for some thirty icons. Left out here;
  the theme's own style sheet draws them from a font, of which icons.css brings just these glyphs.
- Accessibility: what axe-core finds in the theme's own parts. Each row of MENDS says what and why.
"""

import re
from pathlib import Path
from typing import Any

import pydata_sphinx_theme
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx

# by name; those of admonitions, links and so on come from the theme's `--pst-icon-…`
ICONS = (
    "angle-left angle-right arrow-up bars chevron-down circle-half-stroke code download expand file "
    "file-pdf github lightbulb list magnifying-glass moon pencil-alt play rocket sun xmark"
).split()

FONTS = {  # file: (family, weight)
    "fa-solid-900": ("Font Awesome 6 Free", 900),
    "fa-brands-400": ("Font Awesome 6 Brands", 400),
}

THEME = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"

MENDS: tuple[tuple[str, str, str], ...] = (
    # (what is wrong, pattern, replacement)
    (
        "icons are pictures of what a label says: not to be read out",
        r'<(i|span) (class="[^"]*\bfa[bs]?[ -][^"]*")(?![^>]*aria-hidden)',
        r'<\1 aria-hidden="true" \2',
    ),
    (
        "a toggle in the list of pages has no name",
        r'(<a class="[^"]*reference internal[^"]*" href="[^"]*">)([^<]+)(</a><details[^>]*>)<summary>',
        r'\1\2\3<summary aria-label="Pages below \2">',
    ),
    (
        "the search button's name leaves out what stands on it",
        r'(<button class="btn search-button-field[^>]*?) title="Search" aria-label="Search"',
        r"\1",
    ),
    (
        "a hidden cell's summary has another name than what stands on it",
        r'<summary aria-label="Toggle hidden content">',
        "<summary>",
    ),
    (
        "the title in the side bar is in no landmark",
        r'<div id="pst-primary-sidebar"',
        r'<div id="pst-primary-sidebar" role="region" aria-label="The book"',
    ),
    (
        "the entries of a list of references have a role that is no more",
        r'role="doc-biblioentry"',
        r'role="listitem"',
    ),
    (
        "an empty cell of a table's head is no header",
        r'<th class="head([^"]*)">\s*(?:<p></p>)?\s*</th>',
        r'<td class="head\1"></td>',
    ),
)


def mended(html: str) -> str:
    for _, pattern, replacement in MENDS:
        html = re.sub(pattern, replacement, html)
    return html


def without_icon_script(head: str) -> str:
    return re.sub(r"<script[^>]*scripts/fontawesome\.js[^>]*></script>", "", head)


def code_points(css: str) -> set[int]:
    """The glyphs of ICONS and of all the theme's own `--pst-icon-…` and drawn carets."""
    found = set()
    for name in ICONS:
        match = re.search(rf'\.fa-{name}:before[^{{}}]*{{content:"\\([0-9a-f]+)"', css)
        if match is None:
            raise ValueError(f"the theme has no icon {name!r}")
        found.add(int(match[1], 16))
    found |= {ord(glyph) for glyph in re.findall(r'--pst-icon-[\w-]+:"(.)"', css)}
    return found | {0xF107}


def write_icons(out: Path) -> None:
    """icons.css and the fonts that it names."""
    out.mkdir(parents=True, exist_ok=True)
    wanted = code_points((THEME / "styles" / "pydata-sphinx-theme.css").read_text())
    rules = ["/* Font Awesome Free by Fonticons: icons CC BY 4.0, fonts SIL OFL 1.1 */"]
    for name, (family, weight) in FONTS.items():
        with TTFont(THEME / "vendor" / "fontawesome" / "webfonts" / f"{name}.ttf") as font:
            options = Options(flavor="woff", name_IDs=[0, 13, 14], notdef_outline=True)
            subsetter = Subsetter(options)
            subsetter.populate(unicodes=wanted)
            subsetter.subset(font)
            font.flavor = "woff"
            font.save(out / f"{name}.woff")
        rules.append(
            f'@font-face {{ font-family: "{family}"; font-weight: {weight}; font-style: normal; '
            f'font-display: block; src: url("{name}.woff") format("woff"); }}'
        )
    (out / "icons.css").write_text("\n".join([*rules, ""]))


def make_icons(app: Sphinx) -> None:
    out = Path(app.outdir) / "_static" / "icons"
    if app.builder.format == "html":
        write_icons(out)


def offer(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    if pagename == "search":
        app.add_js_file("search-excerpts.js", loading_method="defer")
    context["mended"] = mended
    context["without_icon_script"] = without_icon_script


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("builder-inited", make_icons)
    app.connect("html-page-context", offer)
    app.add_css_file("icons/icons.css")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
