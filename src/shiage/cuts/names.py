"""What the names of drawings say: column, number, what follows it, version.

A name may hold several runs of digits: `c012_A0003_t2`, `hero_0001_4k`, `[005] A1`. The cel's
number is the one that tells the files of a column apart; what is the same in all of them is the
cut's, the layer's, a date or a scale. So the names of a folder are read together (`NameReader`),
and references, hints, timesheets and painted cels are read as the drawings were.

Where the names do not tell, as with a single file, words do (version, take, layer, cut), then
digits: a run of three to five is likelier the number than another, a later one than an earlier.
What could be read otherwise is a `Doubt`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from shiage.cuts.folders import ROLE_WORDS
from shiage.files.exposures import fold
from shiage.files.formats import IMAGE_SUFFIXES

CelKey = tuple[str, int, str]
"""Column in upper case, "" if there is none; number; what follows it, upper case, as in A12b."""

HINT_SUFFIXES = IMAGE_SUFFIXES | {".json"}
"""How the names of files of hints end."""

# What a run of digits seems to be, by the word before it or right after it. Single letters count
# only without anything between, and may be columns all the same.
_WORDS_BEFORE = {
    **dict.fromkeys(("v", "ver", "version", "rev", "fix", "final", "wip"), "version"),
    **dict.fromkeys(("tk", "take", "retake", "テイク", "リテイク", "リテ", "修正"), "version"),
    **dict.fromkeys(("t", "r"), "take"),
    **dict.fromkeys(("c", "s", "e"), "letter"),
    **dict.fromkeys(("cut", "scene", "sc", "seq", "sq", "shot", "sh", "ep", "episode"), "cut"),
    **dict.fromkeys(("カット", "シーン"), "cut"),
    **dict.fromkeys(("layer", "group", "レイヤー", "グループ", "calque", "ebene"), "layer"),
    **dict.fromkeys(("copy", "copie", "kopie", "copia", "コピー", "のコピー"), "copy"),
}
_WORDS_AFTER = {
    **dict.fromkeys(("話", "カット"), "cut"),
    **dict.fromkeys(("k", "x", "p", "px", "fps", "dpi", "bit", "bits", "%"), "scale"),
}
_COPY = tuple(word for word, kind in _WORDS_BEFORE.items() if kind == "copy")

NEAR = 10
"""A run that is this much less likely the number could be it as well."""

# How likely a run of that kind is the number; "" is a plain one.
_LIKELY = {"": 100, "take": 60, "letter": 60, "cut": 40, "version": 30, "layer": 20, "scale": 10}
_VERSIONS = ("version", "take")
_NOISE = (*_VERSIONS, "layer", "scale", "date", "copy")

_RUN = re.compile(r"(?<!\d)\d{1,18}(?!\d)")
_LETTERS = re.compile(r"[^\W\d_]+")
_LETTERS_BEFORE = re.compile(r"[^\W\d_]+$")
_WORD_BEFORE = re.compile(r"([^\W\d_]+)([ ._-]?)$")
_WORD_AFTER = re.compile(r"[^\W\d_]+|%")
_MONTH, _DAY, _YEAR = r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])", r"(?:19|20)\d\d"
_DATE = re.compile(
    rf"(?<!\d)(?:{_YEAR}([-_. ]?){_MONTH}\1{_DAY}|{_DAY}([-_. ]){_MONTH}\2{_YEAR})(?!\d)"
)
_RETAKE = re.compile(r"(.+?)\.R(\d{1,18})", re.IGNORECASE)


def _words(*words: str) -> re.Pattern[str]:
    """Return what finds any of some words, with what separates it from what is before."""
    return re.compile(rf"[ ._-]*(?<![^\W\d_])(?:{'|'.join(words)})(?![^\W\d_])")


_ROLES = _words(*ROLE_WORDS)
_COPIES = _words(*_COPY)


@dataclass(frozen=True)
class CelName:
    """What a name says.

    Attributes:
        column: upper case, "" if there is none.
        number: of the cel; 0 if the name has no digits.
        suffix: what follows the number and tells cels apart, upper case.
        rest: all that follows it, words on versions, copies and layers included.
        take: retake of its folder and version of its file, 0 for none; the higher is the newer.
        is_numbered: whether it has digits.
    """

    column: str
    number: int
    suffix: str
    rest: str = ""
    take: tuple[int, int] = (0, 0)
    is_numbered: bool = True

    @property
    def key(self) -> CelKey:
        """What names the cel whatever its file is called."""
        return self.column, self.number, self.suffix


@dataclass(frozen=True)
class Doubt:
    """Names that could be read otherwise.

    Attributes:
        path: one of them.
        count: how many there are.
        taken: the digits that are read as the number.
        other: those that could be.
    """

    path: Path
    count: int
    taken: str
    other: str


class NameReader:
    """Reads names the way a cut's drawings are named.

    Args:
        drawings: paths of the drawings within their folder; without any, words and digits tell.

    Attributes:
        doubts: what could be read otherwise.
    """

    def __init__(self, drawings: Iterable[Path] = ()) -> None:
        groups: dict[tuple[str, str], list[Path]] = {}
        for path in drawings:
            groups.setdefault((_column_folder(path)[0], _shape(_text(path))), []).append(path)
        numbered = {
            place: (paths, [_runs(_text(path)) for path in paths])
            for place, paths in groups.items()
            if place[1].count("#") > 1
        }
        choices = {place: _choose(names) for place, (_, names) in numbered.items()}
        self._chosen: dict[tuple[str, str], _Choice] = {}
        doubts = []
        # Names that tell come first, the most of them before others, and those that do not follow.
        for folder, shape in sorted(
            numbered, key=lambda place: (not choices[place].is_told, -len(numbered[place][0]))
        ):
            paths, names = numbered[folder, shape]
            choice = choices[folder, shape]
            if choice.is_told:
                self._chosen.setdefault(("", _outline(shape, names[0])), choice)
            else:
                choice = self._recall(folder, shape, names[0]) or choice
            self._chosen.setdefault((folder, shape), choice)
            self._chosen.setdefault(("", shape), choice)
            if choice.other is not None:
                taken, other = (names[0][at].digits for at in (choice.number, choice.other))
                doubts.append(Doubt(paths[0], len(paths), taken, other))
        self.doubts = tuple(sorted(doubts, key=lambda doubt: doubt.path))

    def read(self, path: Path) -> CelName:
        """Return what the name of a drawing, or of what belongs to one, says.

        The innermost folder is the column; without one the letters before the number are. A name
        without digits has number 0: without a folder it is a column of its own, in a column's
        folder it stands in place of the suffix.

        >>> def told(name):
        ...     said = NameReader().read(Path(name))
        ...     return (*said.key, *said.take)
        >>> told("A/A_0012.png"), told("b0003b.tga"), told("A.R2/A0004_color.tga")
        (('A', 12, '', 0, 0), ('B', 3, 'B', 0, 0), ('A', 4, '', 2, 0))
        >>> told("c012_A0003_t2.png"), told("cut_0000_Layer 2.png"), told("BOOK/tree.png")
        (('C012_A', 3, '', 0, 2), ('CUT', 0, '', 0, 0), ('BOOK', 0, 'TREE', 0, 0))
        """
        text = _text(path)
        folder, retake = _column_folder(path)
        runs = _runs(text)
        if not runs:
            bare = _after(_ROLES.sub("", text)) or _after(text)
            column, rest = (folder, bare) if folder else (_before(text), "")
            return CelName(column, 0, rest, rest, (retake, 0), is_numbered=False)
        choice = self._pick(folder, text, runs)
        number = runs[choice.number]
        noise = [run for run in runs if run != number and run.kind in _NOISE]
        version = max((int(run.digits) for run in noise if run.kind in _VERSIONS), default=0)
        rest = _ROLES.sub("", text[number.end :])
        same = [run for at, run in enumerate(runs) if at in choice.same and run not in noise]
        column = folder or _before(text[: runs[choice.column].start])
        gone = [*(run.noise for run in noise), *(run.word for run in same)]
        suffix = _without(text, number.end, gone)
        if text[: number.start] == "[":  # of a layer: [005] A1
            column, suffix = folder or suffix or _after(rest), ""
        return CelName(column, int(number.digits), suffix, _after(rest), (retake, version))

    def _pick(self, folder: str, text: str, runs: Sequence[_Run]) -> _Choice:
        """Return which run of digits is the number."""
        for shape in (_shape(text), _shape(_ROLES.sub("", text).lstrip("._- "))):
            known = self._recall(folder, shape, runs)
            if known is not None:
                return known
        return _choose([runs])

    def _recall(self, folder: str, shape: str, runs: Sequence[_Run]) -> _Choice | None:
        """Return which run is the number in names of that shape, or of one that it begins with."""
        for place in ((folder, shape), ("", shape)):
            if place in self._chosen:
                return self._chosen[place]
        begun = [known for _, known in self._chosen if re.match(rf"{re.escape(known)}[^#]", shape)]
        longest = max(begun, key=len, default=_outline(shape, runs))
        return self._chosen.get(("", longest))


@dataclass(frozen=True)
class _Choice:
    """Which run of digits is the number.

    Attributes:
        number: its place among the runs.
        column: place of the run before which the column's name ends; mostly the same.
        other: place of a run that could be the number as well, if there is one.
        same: places of those that are the same in all names, and tell no cels apart.
        is_told: whether the names tell, rather than what is likely.
    """

    number: int
    column: int
    other: int | None = None
    same: tuple[int, ...] = ()
    is_told: bool = False


@dataclass(frozen=True)
class _Run:
    """A run of digits in a name.

    Attributes:
        digits: the run.
        start, end: its place.
        kind: what it seems to be; "" for a plain number.
        noise: from where to where it and the word that tells its kind stand.
        word: the same of it and the letters around it.
        likely: how likely it is the number, by kind and digits.
    """

    digits: str
    start: int
    end: int
    kind: str
    noise: tuple[int, int]
    word: tuple[int, int]
    likely: int

    @property
    def rank(self) -> int:
        """2 for a plain number, 1 for one after a letter that may be a column, else 0."""
        return {"": 2, "take": 1, "letter": 1}.get(self.kind, 0)


def _runs(text: str) -> list[_Run]:
    """Return the runs of digits in a folded name."""
    dates = [match.span() for match in _DATE.finditer(text)]
    runs = []
    for place, match in enumerate(_RUN.finditer(text)):
        digits, (start, end) = match.group(), match.span()
        if any(first <= start and end <= last for first, last in dates):
            kind, noise = "date", (start, end)
        else:
            kind, noise = _look_around(text, start, end)
        likely = _LIKELY.get(kind, 0) + place
        likely += 20 if 3 <= len(digits) <= 5 else 5 * (len(digits) == 2 and digits[0] == "0")
        likely += 25 * (text[start - 1 : start] == "[" and text[end : end + 1] == "]")
        before, after = _LETTERS_BEFORE.search(text, 0, start), _LETTERS.match(text, end)
        word = before.start() if before else start, after.end() if after else end
        runs.append(_Run(digits, start, end, kind, noise, word, likely))
    return runs


def _look_around(text: str, start: int, end: int) -> tuple[str, tuple[int, int]]:
    """Return what a run seems to be, and the place of it and the word that says so."""
    before, after = _WORD_BEFORE.search(text[:start]), _WORD_AFTER.match(text, end)
    if text[start - 1 : start] == "(" and text[end : end + 1] == ")":
        return "copy", (start - 1, end + 1)
    if before and (len(before[1]) > 1 or not before[2]):
        kind = _WORDS_BEFORE.get(before[1])
        if kind and not (kind in ("take", "letter", "cut") and end - start > 3):
            return kind, (before.start(), end)
        if before[1] == "x" and text[before.start() - 1 : before.start()].isdigit():
            return "scale", (start, end)  # 1920x1080
    kind = _WORDS_AFTER.get(after[0], "") if after else ""
    if after and kind and not (kind == "scale" and text[start] == "0"):
        return kind, (start, after.end())
    return "", (start, end)


def _choose(names: Sequence[Sequence[_Run]]) -> _Choice:
    """Return which run is the number in names that differ in their digits alone.

    Args:
        names: the runs of each name; all have as many, one at least.
    """
    runs = names[0]
    rows = {tuple(int(run.digits) for run in own) for own in names}
    varying = [at for at in range(len(runs)) if len({row[at] for row in rows}) > 1]

    def likeliest(places: Iterable[int]) -> int | None:
        return max(places, key=lambda at: runs[at].likely, default=None)

    if not varying:
        best = likeliest(range(len(runs))) or 0
        near = [at for at, run in enumerate(runs) if run.likely > runs[best].likely - NEAR]
        other = likeliest(at for at in near if at != best and runs[at].rank == 2)
        return _Choice(best, best, other)
    rank = max(runs[at].rank for at in varying)
    able = [at for at in varying if runs[at].rank == rank]
    parts = len({tuple(row[at] for at in able) for row in rows})
    alone = [at for at in able if len({row[at] for row in rows}) == parts]
    best = likeliest(alone or able) or 0
    # Another one tells as much, or looks likelier; or a plain number is the same in all of them.
    others = [at for at in able if at in alone or runs[at].likely > runs[best].likely]
    others += [at for at in able if not alone and at > best]
    others += [at for at, run in enumerate(runs) if at not in varying and run.rank > rank]
    # What changes from cel to cel with the number, or is a date or the like, is no column.
    before = [at for at in varying if at < best and (at in alone or runs[at].kind in _NOISE)]
    column = min(before, default=best) if best in alone else best
    other = likeliest(at for at in others if at != best)
    same = tuple(at for at in range(len(runs)) if at not in varying)
    return _Choice(best, column, other, same, is_told=rank == max(run.rank for run in runs))


def plain_column(column: str) -> str:
    """Return a column's name without words such as line and color.

    It is also without the place of a layer that a program puts before its name.

    >>> plain_column("A_LINE"), plain_column("COLOR"), plain_column("[001] A1")
    ('A', '', 'A1')
    """
    return _before(_ROLES.sub("", re.sub(r"^\[\d+\]", "", fold(column))))


def _text(path: Path) -> str:
    """Return a file's name as it is compared, without the ending of pictures and hints."""
    name = path.name
    known = path.suffix.lower() in HINT_SUFFIXES
    return fold(name[: -len(path.suffix)] if known else name)


def _column_folder(path: Path) -> tuple[str, int]:
    """Return the column that a drawing's folder is, "" if it lies in none, and its retake.

    In `A/Line/A0001.png` it is A.
    """
    folders = path.parent.parts
    columns = [part for part in folders if fold(part) not in ROLE_WORDS]
    folder = (columns or folders or ("",))[-1]
    again = _RETAKE.fullmatch(folder)
    name, retake = (again[1], int(again[2])) if again else (folder, 0)
    return _before(fold(name)), retake


def _before(text: str) -> str:
    """Return what stands before a number, upper case, without what parts them."""
    return text.strip("._- (").rstrip("._- ([").upper()


def _after(text: str) -> str:
    """Return what follows a number, upper case, without what parts them."""
    return " ".join(re.sub(r"[()\[\]]", " ", text).split()).strip("._- @").upper()


def _without(text: str, start: int, noise: Iterable[tuple[int, int]]) -> str:
    """Return what is left of a name, from a place on, when what tells no cels apart is gone."""
    letters = list(text)
    for first, last in noise:
        letters[max(first, start) : last] = " " * (last - max(first, start))
    kept = _COPIES.sub("", _ROLES.sub("", "".join(letters[start:])))
    return _after(kept)


def _shape(text: str) -> str:
    """Return a name with `#` for each run of digits."""
    return _RUN.sub("#", text)


def _outline(shape: str, runs: Sequence[_Run]) -> str:
    """Return a shape with `*` for each run of letters, and what its digits seem to be."""
    return f"{_LETTERS.sub('*', shape)} {[run.kind for run in runs]}"
