"""Entries of one palette file and those of another that stand for the same parts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from shiage.errors import BadOption
from shiage.files.palettes.model import Entry, PaletteFile

By = Literal["auto", "id", "name"]


@dataclass(frozen=True)
class Pair:
    """An entry and what it becomes.

    Attributes:
        old: the entry.
        new: its counterpart in the other palette; None: there is none.
    """

    old: Entry
    new: Entry | None


def pair_entries(old: PaletteFile, new: PaletteFile, by: By = "auto") -> tuple[Pair, ...]:
    """Return each entry of a palette with its counterpart in another.

    Args:
        old: the one.
        new: the other.
        by: "id" takes ids, or positions where there are none; "name" takes names, those that occur
            more than once with their groups, or else in order; "auto" takes ids if both palettes
            are of one format and as long, and no name says otherwise.

    Raises:
        BadOption: no entry has a counterpart.
    """
    if by == "auto":
        alike = old.format == new.format and len(old.entries) == len(new.entries)
        by = "id" if alike and not _names_contradict(old, new) else "name"
    found = _by_id(old, new) if by == "id" else _by_name(old.entries, new.entries)
    pairs = tuple(Pair(entry, other) for entry, other in zip(old.entries, found, strict=True))
    if not any(pair.new for pair in pairs):
        raise BadOption(
            f"the palettes have no color in common by {by}",
            expected="palettes of the same parts, one with other colors",
            action=f"Try --by {'name' if by == 'id' else 'id'}, or give both the same names",
        )
    return pairs


def _ids(palette: PaletteFile) -> list[int]:
    """Return the id of each entry, its place where it has none."""
    return [at if entry.id is None else entry.id for at, entry in enumerate(palette.entries)]


def _by_id(old: PaletteFile, new: PaletteFile) -> list[Entry | None]:
    known = dict(zip(_ids(new), new.entries, strict=True))
    return [known.get(number) for number in _ids(old)]


def _by_name(old: Sequence[Entry], new: Sequence[Entry]) -> list[Entry | None]:
    """Return the counterparts by name: of several of one name that of the group, else by order."""
    known: dict[str, list[Entry]] = defaultdict(list)
    for entry in new:
        known[entry.name].append(entry)
    seen: Counter[tuple[str, str]] = Counter()
    found: list[Entry | None] = []
    for entry in old:
        others = known[entry.name] if entry.name else []
        group = [other for other in others if other.group == entry.group]
        alike = group if entry.group and group else others
        key = (entry.name, entry.group if alike is group else "")
        found.append(alike[min(seen[key], len(alike) - 1)] if alike else None)
        seen[key] += 1
    return found


def _names_contradict(old: PaletteFile, new: PaletteFile) -> bool:
    """Whether a name that both palettes have, once each, has another id in the other."""
    ids = []
    for palette in (old, new):
        times = Counter(entry.name for entry in palette.entries)
        named = zip(palette.entries, _ids(palette), strict=True)
        ids.append({entry.name: number for entry, number in named if times[entry.name] == 1})
    return any(ids[1].get(name, number) != number for name, number in ids[0].items() if name)
