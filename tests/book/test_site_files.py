"""The site's own files: colours that can be read, MathJax copied once, fresh outputs, plots."""

import re
from pathlib import Path

import book_site
import pytest
import vendor
from figures import plots

BOOK = Path(__file__).resolve().parents[2] / "book"
TOKENS = (BOOK / "_static" / "tokens.css").read_text()

# text and the surfaces it stands on, then lines and the surfaces they part
TEXT = [
    *(("text", surface) for surface in ("paper", "cell", "faint", "used", "here")),
    *(("muted", surface) for surface in ("paper", "faint")),
    ("right", "paper"),
    ("wrong", "paper"),
]
LINES = [
    *(("line", surface) for surface in ("paper", "cell", "faint")),
    *(("used-line", surface) for surface in ("paper", "used")),
    *(("here-line", surface) for surface in ("paper", "here")),
]


def colours(theme: str) -> dict[str, str]:
    light, dark = re.findall(r"\{([^}]*)\}", TOKENS)
    block = light if theme == "light" else dark
    return dict(re.findall(r"--book-([\w-]+): (#\w{6});", block))


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_tokens_can_be_read(theme: str) -> None:
    table = colours(theme)
    assert table.keys() == colours("light").keys()
    poor = {
        pair: round(contrast(table[pair[0]], table[pair[1]]), 2)
        for pairs, least in ((TEXT, 4.5), (LINES, 3.0))
        for pair in pairs
        if contrast(table[pair[0]], table[pair[1]]) < least
    }
    assert poor == {}


def test_only_the_tokens_name_colours() -> None:
    css = (BOOK / "_static" / "book.css").read_text()
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(", css) == []
    assert set(re.findall(r"var\(--book-([\w-]+)\)", css)) <= colours("light").keys()


def test_vendor_copies_once(tmp_path: Path) -> None:
    source, target = tmp_path / "mathjax", tmp_path / "copy"
    for name in vendor.WANTED:
        path = source / "es5" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".js"):
            path.write_text("code")
        else:
            path.mkdir()
    (source / "LICENSE").write_text("Apache 2.0")
    (source / "package.json").write_text('{"version": "1"}')
    assert vendor.copy(source, target)
    assert not vendor.copy(source, target)
    assert (target / "tex-chtml.js").read_text() == "code"
    (source / "package.json").write_text('{"version": "2"}')
    assert vendor.copy(source, target)


def test_vendor_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(vendor, "SOURCE", tmp_path)
    assert vendor.main() == 1
    assert "run `npm ci --prefix book` first" in capsys.readouterr().err


def test_digest_changes_with_the_sources(tmp_path: Path) -> None:
    figures = tmp_path / "book" / "figures"
    figures.mkdir(parents=True)
    empty = book_site.digest(tmp_path)
    (figures / "a.py").write_text("x = 1")
    one = book_site.digest(tmp_path)
    (figures / "a.py").write_text("x = 2")
    assert len({empty, one, book_site.digest(tmp_path)}) == 3
    (figures / "a.py").write_text("x = 1")
    assert book_site.digest(tmp_path) == one


def test_plot_takes_the_pages_text_colour_and_is_described() -> None:
    figure, axis = plots.subplots()
    axis.set_title("title")
    html = plots.show(figure, alt='One "plot"').data
    assert html.startswith('<div class="plot"><svg role="img" aria-label="One &quot;plot&quot;"')
    assert "currentColor" in html
    assert plots.INK not in html


def test_grids_show_their_numbers_and_are_described() -> None:
    html = plots.grids({"a < b": [[1, -2], [0, 3]]}, alt='Two "maps"').data
    assert 'aria-label="Two &quot;maps&quot;"' in html
    assert "a &lt; b" in html
    assert html.count("<rect") == 3  # 0 has no colour
    assert ">−2<" in html and ">0<" in html
    assert ">0<" not in plots.grids({"a": [[1, 0]]}, alt="a", zeros=False).data


def test_plots_refuse() -> None:
    with pytest.raises(ValueError, match=r"`maps` must hold 2-D arrays; 'a' is none"):
        plots.grids({"a": [1, 2]}, alt="a")
    with pytest.raises(ValueError, match="`alt` must say"):
        plots.grids({"a": [[1]]}, alt=" ")
    figure, _ = plots.subplots()
    with pytest.raises(ValueError, match="`alt` must say"):
        plots.show(figure, alt=" ")
    plots.plt.close(figure)
