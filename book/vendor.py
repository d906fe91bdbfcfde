"""Put MathJax and the page's editor where the site serves them; `python book/vendor.py`.

The versions are pinned in package.json and package-lock.json (`npm ci --prefix book` installs
them). Of MathJax only what pages can ask for is copied: the TeX-to-HTML component, its fonts and
TeX extensions, and the speech rules for the screen reader's explorer, which load only when a reader
turns it on. Of CodeMirror, what browser/codemirror.js imports is bundled into one file.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

BOOK = Path(__file__).resolve().parent
SOURCE = BOOK / "node_modules" / "mathjax"
TARGET = BOOK / "_static" / "vendor" / "mathjax"
EDITOR = BOOK / "browser" / "codemirror.js"
EDITOR_BUNDLE = BOOK / "_static" / "vendor" / "codemirror.js"
WANTED = ("tex-chtml.js", "output/chtml", "input/tex", "a11y", "sre", "ui")


def stamp(source: Path) -> str:
    """What the copy was made from: it is current as long as this stays the same."""
    version = json.loads((source / "package.json").read_text())["version"]
    return f"mathjax {version}: {' '.join(WANTED)}\n"


def copy(source: Path, target: Path) -> bool:
    """Copy unless the target is current; True if something was copied."""
    written = target / "copied.txt"  # written last: a copy that was cut short starts again
    if written.is_file() and written.read_text() == stamp(source):
        return False
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    shutil.copy2(source / "LICENSE", target)
    for name in WANTED:
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if (source / "es5" / name).is_dir():
            shutil.copytree(source / "es5" / name, place)
        else:
            shutil.copy2(source / "es5" / name, place)
    written.write_text(stamp(source))
    return True


def bundle(source: Path, target: Path) -> bool:
    """Bundle a module with all that it imports, unless the target is newer than what it is from."""
    lock = BOOK / "package-lock.json"
    newest = max(path.stat().st_mtime for path in (source, lock, Path(__file__)))
    if target.is_file() and target.stat().st_mtime > newest:
        return False
    command = [BOOK / "node_modules" / ".bin" / "esbuild", source, f"--outfile={target}"]
    options = ["--bundle", "--minify", "--format=esm", "--legal-comments=none"]
    subprocess.run([*command, *options, "--log-level=warning"], check=True)
    licence = BOOK / "node_modules" / "@codemirror" / "view" / "LICENSE"  # MIT, as all of them
    shutil.copy2(licence, target.with_name(f"{target.stem}.LICENSE.txt"))
    return True


def main() -> int:
    if not (SOURCE / "package.json").is_file():
        print(f"{SOURCE} is missing: run `npm ci --prefix book` first", file=sys.stderr)
        return 1
    print("MathJax copied" if copy(SOURCE, TARGET) else "MathJax is current")
    print("editor bundled" if bundle(EDITOR, EDITOR_BUNDLE) else "the editor is current")
    return 0


if __name__ == "__main__":
    sys.exit(main())
