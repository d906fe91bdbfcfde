"""What a class has handed in: DIR/<student>/<chapter>/<notebook>.ipynb.

Which students and chapters there are, which file is the one to grade, and what lies there that is
graded for nobody: a file in the wrong place must not become a silent zero.
"""

import os
import sys
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

from autograder.build import chapters
from autograder.html_page import visible

RARE = 0.1  # of the class: a chapter that fewer handed in was perhaps not asked for
MOST_NAMED = 10  # of several files or students, in a message
WORK = (".ipynb", ".zip")
DEEPEST = 4  # folders below DIR that are searched for work in the wrong place

Key = tuple[str, str]  # student, chapter


def wanted_chapters(submitted: Path, wanted: Sequence[str]) -> list[str]:
    """The chapters to grade: those named, or all that somebody handed in.

    Raises ValueError where there is no such folder or chapter, or nobody handed a chapter in.
    """
    if not submitted.is_dir():
        raise ValueError(f"`submitted` (={str(submitted)!r}) is not a folder")
    for name in wanted:
        if name not in chapters():
            near = [c for c, path in chapters().items() if name == path.stem]
            near = near or get_close_matches(name, chapters(), n=1)
            meant = f"; did you mean {near[0]}?" if near else ""
            raise ValueError(
                f"`chapter` (={name!r}) is not one of those with exercises: "
                f"{', '.join(chapters())}{meant}"
            )
    found = {c for s in students(submitted) for c in chapters() if handed_in(submitted, s, c)}
    chosen = list(wanted) or [c for c in chapters() if c in found]
    nobody = [c for c in chosen if c not in found]
    if not chosen or nobody:
        what = f"of {' and '.join(nobody)}" if nobody else "of a chapter with exercises"
        raise ValueError(
            f"`submitted` (={str(submitted)!r}) holds no <student>/<chapter>/<notebook>.ipynb "
            f"{what} ({', '.join(chapters())}): is it the folder of the whole class?"
        )
    return chosen


def students(submitted: Path) -> list[str]:
    """The folders of submissions, hidden ones aside.

    Raises ValueError for a name that no table could hold.
    """
    names = sorted(p.name for p in submitted.iterdir() if p.is_dir() and not p.name.startswith("."))
    for name in names:
        if any(unicodedata.category(character) in ("Cc", "Cs") for character in name):
            raise ValueError(
                f"`submitted` (={str(submitted)!r}) holds a folder {os.fsencode(name)!r}, whose name "
                "has control characters or is not UTF-8: rename it, and grade again"
            )
    return [name for name in names if name != "__MACOSX"]  # what a Mac puts beside a .zip's files


def notebook_name(chapter: str) -> str:
    """The file name of a chapter's notebook."""
    return f"{chapters()[chapter].stem}.ipynb"


def handed_in(submitted: Path, student: str, chapter: str) -> Path | None:
    """The file to grade: the chapter's notebook, or the only one there is, as browsers and course
    platforms change names; None where there is none, or there are several under other names."""
    folder, name = submitted / student / chapter, notebook_name(chapter)
    try:
        there = os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:  # reading it will say why
        return folder / name
    if name in there:
        return folder / name
    others = [n for n in there if n.endswith(".ipynb") and not n.startswith(".")]
    return folder / others[0] if len(others) == 1 else None


# ----- what the instructor should know before zeros are given -----


def tell_of_rare(handed: Iterable[str], count: int) -> None:
    """Name the chapters that hardly anybody of `count` students handed in: perhaps not due yet.

    `handed` holds the chapter of each submission.
    """
    each = list(handed)
    for chapter in dict.fromkeys(each):
        if each.count(chapter) < RARE * count:
            _tell(
                f"{chapter}: handed in by {each.count(chapter)} of {count} students, so that all "
                "others get rows that say `missing`. Is it due? If not, name the chapters to grade"
            )


def tell_of_gone(gone: Collection[Key]) -> None:
    """Name those whose earlier verdict stays, as what they handed in is not there any more."""
    if gone:
        _tell(
            f"not there, so that its verdict stays: {_few('/'.join(key) for key in sorted(gone))}"
        )


def tell_of_unused(submitted: Path, wanted: Collection[str]) -> None:
    """Name the files that may be somebody's work, and are graded for nobody where they lie."""
    unused = list(unused_work(submitted, wanted))
    if unused:
        told = (f"{path} ({why})" for path, why in unused)
        _tell(f"there, but graded for nobody, {len(unused)} in all: {_few(told)}")


def unused_work(submitted: Path, wanted: Collection[str]) -> Iterator[tuple[Path, str]]:
    """(file, why it is not graded): work that is not <student>/<chapter>/<notebook>.ipynb."""
    for student in students(submitted):
        used = {handed_in(submitted, student, chapter) for chapter in wanted}
        for path in _work_below(submitted / student):
            place = path.relative_to(submitted / student).parts
            if path in used or (place[0] in chapters() and place[0] not in wanted):
                continue
            if path.suffix.lower() == ".zip":
                yield path, "an archive: unpack it"
            elif place[0] in wanted and len(place) == 2:
                if handed_in(submitted, student, place[0]) is None:
                    yield path, f"one of several: which is {notebook_name(place[0])}?"
            else:
                yield path, "not in a chapter's folder, as in <student>/ch05/"


def _work_below(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):  # no link is followed
        deep = len(Path(place).relative_to(folder).parts)
        folders[:] = sorted(f for f in folders if not f.startswith(".") and deep + 1 < DEEPEST)
        for name in sorted(files):
            if name.lower().endswith(WORK) and not name.startswith("."):
                yield Path(place) / name


def _few(names: Iterable[str]) -> str:
    listed = list(names)
    more = len(listed) - MOST_NAMED
    return ", ".join(listed[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _tell(line: str) -> None:
    print(visible(line), file=sys.stderr)  # a file's name could steer a terminal
