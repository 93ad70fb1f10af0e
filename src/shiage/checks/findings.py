"""What the checks of a painted cut found, as plain data for the terminal, JSON and the page."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Literal

Kind = Literal[
    "missing",
    "surplus",
    "unreadable",
    "size",
    "mode",
    "ink",
    "trace",
    "pinhole",
    "off-palette",
    "stand-in",
    "flicker",
    "not-in-reference",
    "unlike-reference",
]
Severity = Literal["fault", "doubt"]
Box = tuple[int, int, int, int]

KINDS: dict[Kind, str] = {
    "missing": "A drawing has no painted cel",
    "surplus": "A painted cel has no drawing",
    "unreadable": "A file cannot be read",
    "size": "The painted cel is not as large as its drawing",
    "mode": "The painted cel is stored in another way than its drawing",
    "ink": "A pixel of the drawing's lines has changed",
    "trace": "A colour trace is left over",
    "pinhole": "A small place inside painted areas is unpainted",
    "off-palette": "A color is neither in the palette nor in a reference",
    "stand-in": "A color is a stand-in (仮色), or says that a part is undecided",
    "flicker": "A part has another color for a few cels",
    "not-in-reference": "A color of the palette is in no reference",
    "unlike-reference": "A part has another color than in the reference",
}
"""Every kind of finding, in the order of reports, and what it means."""


@dataclass(frozen=True)
class Finding:
    """One place of one cel to look at.

    Attributes:
        kind: one of `KINDS`.
        cel: name of the cel, as `Cel.name` tells it; of a surplus file its path without suffix.
        message: one sentence for the artist.
        severity: "fault" is wrong for certain; "doubt" is worth a look.
        box_xyxy: half-open box around the place, pixels; None where the whole cel is meant.
        xy: a pixel of the place.
        area: how many pixels are concerned; 0 where the whole cel is meant.
        colors: `#rrggbb` or "none" (paper): those found, the commonest first; then, for kinds that
            know it, the one expected last.
        cels: names of other cels concerned: where a flickering part has its own color, the
            references that say otherwise.
    """

    kind: Kind
    cel: str
    message: str
    severity: Severity = "fault"
    box_xyxy: Box | None = None
    xy: tuple[int, int] | None = None
    area: int = 0
    colors: tuple[str, ...] = ()
    cels: tuple[str, ...] = ()


@dataclass(frozen=True)
class LeftOut:
    """Findings of one kind in one cel beyond the number that is listed one by one."""

    cel: str
    kind: Kind
    count: int


@dataclass(frozen=True)
class CutChecks:
    """Everything found in a painted cut.

    Attributes:
        cut: folder of the drawings.
        painted: folder of the painted cels.
        cels: names of the cels that were looked at, in order.
        findings: by cel, then by kind in the order of `KINDS`, then largest first.
        left_out: what more there is where a cel has too many of a kind.
        seconds: time spent.
        warnings: what is odd about the files, one sentence each.
        presets: the file that options were taken from, "" if there is none.
    """

    cut: str
    painted: str
    cels: tuple[str, ...]
    findings: tuple[Finding, ...]
    left_out: tuple[LeftOut, ...] = ()
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()
    presets: str = ""

    @property
    def clean(self) -> bool:
        """Whether nothing at all was found."""
        return not self.findings

    def count(self, kind: Kind | None = None) -> int:
        """Return how many findings there are, of one kind or of all, those left out too."""
        listed = sum(kind in (None, finding.kind) for finding in self.findings)
        return listed + sum(more.count for more in self.left_out if kind in (None, more.kind))

    def of_cel(self, name: str) -> list[Finding]:
        """Return the findings of one cel."""
        return [finding for finding in self.findings if finding.cel == name]

    def to_json(self) -> str:
        """Return it as JSON text, with the number of findings of each kind."""
        counts = {kind: self.count(kind) for kind in KINDS}
        return json.dumps({**asdict(self), "counts": counts})


def in_order(
    findings: list[Finding], cels: list[str], most: int
) -> tuple[tuple[Finding, ...], tuple[LeftOut, ...]]:
    """Return findings sorted as `CutChecks` wants them, and what exceeds `most` per cel and kind.

    Args:
        findings: in any order.
        cels: names of the cels in order; others come after them.
        most: how many findings of a kind are listed of one cel; the largest stay.
    """
    place = {name: at for at, name in enumerate(cels)}
    rank = {kind: at for at, kind in enumerate(KINDS)}
    ordered = sorted(
        findings,
        key=lambda f: (place.get(f.cel, len(cels)), f.cel, rank[f.kind], -f.area, f.box_xyxy or ()),
    )
    seen: Counter[tuple[str, Kind]] = Counter()
    kept = []
    for finding in ordered:
        seen[finding.cel, finding.kind] += 1
        if seen[finding.cel, finding.kind] <= most:
            kept.append(finding)
    more = tuple(LeftOut(cel, kind, n - most) for (cel, kind), n in seen.items() if n > most)
    return tuple(kept), more
