"""Colors of references brought to a given palette: exact ones stay, near ones become its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shiage.colors.palette import PAPER, Palette, RgbaU16, code_of, hex_of

DEFAULT_SNAP = 6
"""How far, in levels of 255, a channel of a color may lie from the palette's and still be meant.
Colors that were stored in Adobe RGB with 8 bits on their way come back no more than 5 levels off in
99 % of cases, those stored with 5 bits (old TGA) no more than 4."""

_LEVEL = 257  # in 16 bits


@dataclass(frozen=True)
class Departure:
    """A color of a reference that is not one of the given palette.

    Attributes:
        color: as the reference has it.
        nearest: ids of the palette's nearest colors, more than one if they are equally near.
        levels: how far off these are in the channel that differs most, in levels of 255.
        snapped: whether it became the nearest color; else it stays.
        segments: how many segments of the reference have it.
        xy: a pixel of the first of them.
    """

    color: RgbaU16
    nearest: tuple[int, ...]
    levels: float
    snapped: bool
    segments: int
    xy: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Snapping:
    """The palette that references are to keep to.

    Attributes:
        palette: its colors.
        levels: how far off a color may be and still become the nearest one, if there is one
            nearest; 0 to 255.
    """

    palette: Palette
    levels: int = DEFAULT_SNAP

    def has(self, rgba_u16: Sequence[int]) -> bool:
        """Return whether the palette has exactly this color."""
        return bool((self.palette.rgba_u16[PAPER + 1 :] == rgba_u16).all(axis=1).any())

    def snap(
        self, colors: NDArray[np.uint16], xy: NDArray[np.int64], bits: int
    ) -> tuple[NDArray[np.uint16], tuple[Departure, ...]]:
        """Return the colors of a reference's segments as the palette has them, and what was off.

        Args:
            colors: (M, 4) uint16; transparent ones are the paper and stay.
            xy: (M, 2) a pixel of each segment.
            bits: 8 or 16 a channel in the reference's file. A color that is the palette's in so
                many bits is no departure, and takes all of the palette's 16.
        """
        own = np.unique(self.palette.first_alike)[PAPER + 1 :]  # each color once
        entries = self.palette.rgba_u16[own].astype(np.int64)
        rounding = _LEVEL // 2 if bits == 8 else 0
        out = colors.copy()
        departures = []
        found, first, place, count = np.unique(
            colors, axis=0, return_index=True, return_inverse=True, return_counts=True
        )
        for number, row in enumerate(found):
            if not row[3]:
                continue
            distance = np.abs(entries - row.astype(np.int64)).max(axis=1)
            least = int(distance.min())
            nearest = np.flatnonzero(distance == least)
            exact = least <= rounding
            snapped = exact or (least <= self.levels * _LEVEL and len(nearest) == 1)
            if snapped:
                out[place.ravel() == number] = entries[nearest[0]]
            if not exact:
                r, g, b, a = row.tolist()
                x, y = xy[first[number]].tolist()
                ids = tuple(own[nearest].tolist())
                off = least / _LEVEL
                departures.append(
                    Departure((r, g, b, a), ids, off, snapped, int(count[number]), (x, y))
                )
        return out, tuple(departures)


def tell_departures(
    departures: Iterable[tuple[str, Departure]], palette: Palette, levels: int
) -> list[str]:
    """Return a sentence on each color that references have and the palette has not.

    Args:
        departures: each with the name of its reference; those of one color become one sentence.
        palette: the given one.
        levels: how far off a color might have been.
    """
    by_color: dict[RgbaU16, list[tuple[str, Departure]]] = {}
    for name, departure in departures:
        by_color.setdefault(departure.color, []).append((name, departure))
    return [_tell(found, palette, levels) for found in by_color.values()]


def _tell(found: Sequence[tuple[str, Departure]], palette: Palette, levels: int) -> str:
    """Return the sentence on one color; `found` are its departures with names of references."""
    name, first = found[0]
    more = len(found) - 1
    others = f" and {more} more reference{'s' if more > 1 else ''}" if more else ""
    count = sum(departure.segments for _, departure in found)
    where = f"{count} segment{'s' if count > 1 else ''}, first at {first.xy}"
    entries = [_call(palette, entry) for entry in first.nearest]
    # Told in 8 bits, a color that is off in 16 might look like the palette's own.
    alike = any(hex_of(first.color) == palette.to_hex()[entry] for entry in first.nearest)
    color = code_of(first.color) if alike else hex_of(first.color)
    if first.snapped:
        return f"{color} of {name}{others} became {entries[0]} of the palette ({where})"
    if len(entries) > 1 and first.levels <= levels:
        why = f"lies as near to {entries[0]} as to {entries[1]} of the palette"
    else:
        far = f"{first.levels:.0f} levels off"
        why = f"is not in the palette, whose nearest color is {entries[0]}, {far}"
    return (
        f"{color} of {name}{others} {why} ({where}). It stays as it is; "
        "change it there, or add it to the palette"
    )


def _call(palette: Palette, entry: int) -> str:
    """Return a color of the palette by code and name."""
    code, title = palette.to_hex()[entry], palette.titles[entry]
    return code if title == code else f"{code} {title}"
