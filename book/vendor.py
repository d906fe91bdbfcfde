"""Copy MathJax from book/node_modules to where the site serves it; `python book/vendor.py`.

The version is pinned in package.json and package-lock.json (`npm ci --prefix book` installs it).
Only what pages can ask for is copied: the TeX-to-HTML component, its fonts and TeX extensions, and
the speech rules for the screen reader's explorer, which load only when a reader turns it on.
"""

import json
import shutil
import sys
from pathlib import Path

BOOK = Path(__file__).resolve().parent
SOURCE = BOOK / "node_modules" / "mathjax"
TARGET = BOOK / "_static" / "vendor" / "mathjax"
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


def main() -> int:
    if not (SOURCE / "package.json").is_file():
        print(f"{SOURCE} is missing: run `npm ci --prefix book` first", file=sys.stderr)
        return 1
    print("MathJax copied" if copy(SOURCE, TARGET) else "MathJax is current")
    return 0


if __name__ == "__main__":
    sys.exit(main())
