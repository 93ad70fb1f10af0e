"""How right each matcher paints cuts whose truth is known.

    python benchmarks/accuracy.py [CUT ...]

A CUT holds line/NNNN.png and color/NNNN.png; without any the demo cut is taken. Told is the share
of segments over 10 px whose color is right, mean over cels: of neighboring cels and of cels four
apart, painted each from one reference; and of whole cuts painted from the first cel, or from the
first and the middle one, by one reference alone, by all of them, and with painted neighbors. The
calibration error is that of the last of these: how far confidence is from the share right.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import shiage.demo
from shiage.files.images import read_picture
from shiage.matching import MATCHERS, KnownColors, Matcher, make_matcher
from shiage.painter import known_for_certain
from shiage.palette import Palette
from shiage.propagate import Step, as_neighbor, decide_colors, plan_column
from shiage.reference import Reference, build_reference
from shiage.segments import SegmentSettings
from shiage.structures import Painting

LARGE_AREA = 10


def load(cut: Path) -> list[Reference]:
    """Return every cel of a cut with its true colors."""
    palette, cels = Palette(), []
    for drawing in sorted((cut / "line").glob("*.png")):
        cel, palette = build_reference(
            drawing.stem,
            read_picture(cut / "color" / drawing.name).pixels,
            read_picture(drawing).rgba_u8,
            palette,
            segment_settings=SegmentSettings(gap="off"),
        )
        cels.append(cel)
    return cels


@dataclass(frozen=True)
class Trial:
    """One matcher on one cut."""

    matcher: Matcher
    cels: list[Reference]
    encoded: list[Any]

    def known(self, cel: int) -> KnownColors[Any]:
        """Return a cel as a reference."""
        return known_for_certain(self.encoded[cel], self.cels[cel].color_ids)

    def right(self, cel: int, painting: Painting) -> NDArray[np.bool_]:
        """Which of a cel's large segments are painted right."""
        truth = self.cels[cel]
        large = truth.segments.area > LARGE_AREA
        return np.asarray(painting.color_ids[large] == truth.color_ids[large])

    def score(self, cel: int, painting: Painting) -> float:
        """Share of a cel's large segments painted right."""
        return float(self.right(cel, painting).mean())

    def calibration_error(self, painted: dict[int, Painting]) -> float:
        """Mean distance between confidence and share right, over ten bins of confidence."""
        right = np.concatenate([self.right(cel, p) for cel, p in painted.items()])
        sure = np.concatenate(
            [p.confidence[self.cels[cel].segments.area > LARGE_AREA] for cel, p in painted.items()]
        )
        bins = np.minimum((sure * 10).astype(int), 9)
        off = np.bincount(bins, right) - np.bincount(bins, sure)
        return float(np.abs(off).sum() / len(right))

    def apart(self, distance: int) -> float:
        """Mean over cels painted from the cel that many places before or after."""
        pairs = [
            (cel, ref)
            for cel in range(len(self.cels))
            for ref in (cel - distance, cel + distance)
            if 0 <= ref < len(self.cels)
        ]
        scores = [
            self.score(cel, decide_colors(self.matcher, [self.known(ref)], self.encoded[cel]))
            for cel, ref in pairs
        ]
        return float(np.mean(scores))

    def whole(self, keys: list[int], references: str) -> dict[int, Painting]:
        """Return the cels of a cut painted from some keyed cels.

        Args:
            keys: the cels given.
            references: "nearest" key alone, "keys" on either side, or "all" with neighbors.
        """
        painted: dict[int, Painting] = {}
        for step in plan_column(len(self.cels), keys):
            known = self._references(step, painted, references)
            painted[step.cel] = decide_colors(self.matcher, known, self.encoded[step.cel])
        return painted

    def mean(self, painted: dict[int, Painting]) -> float:
        """Mean score over painted cels."""
        return float(np.mean([self.score(cel, painting) for cel, painting in painted.items()]))

    def _references(
        self, step: Step, painted: dict[int, Painting], references: str
    ) -> list[KnownColors[Any]]:
        keys = step.keys[:1] if references == "nearest" else step.keys
        known = [self.known(key) for key in keys]
        if references == "all" and step.neighbor is not None:
            known.append(as_neighbor(self.encoded[step.neighbor], painted[step.neighbor]))
        return known


HEADINGS = (
    "next cel",
    "4 apart",
    "1 key: alone",
    "with neighbors",
    "2 keys: nearest alone",
    "both",
    "with neighbors",
    "calibration error",
)


def measure(trial: Trial) -> list[float]:
    """Return one number for each of `HEADINGS`."""
    two = [0, len(trial.cels) // 2]
    full = trial.whole(two, "all")
    return [
        trial.apart(1),
        trial.apart(4),
        trial.mean(trial.whole([0], "nearest")),
        trial.mean(trial.whole([0], "all")),
        trial.mean(trial.whole(two, "nearest")),
        trial.mean(trial.whole(two, "keys")),
        trial.mean(full),
        trial.calibration_error(full),
    ]


def main(cuts: list[Path]) -> None:
    """Print a table for each cut and one for their mean."""
    cv2.setNumThreads(1)
    means: dict[str, list[list[float]]] = {name: [] for name in MATCHERS}
    for cut in cuts:
        cels = load(cut)
        segments = np.mean([len(cel.segments) for cel in cels])
        print(f"\n{cut.name}: {len(cels)} cels, {segments:.0f} segments a cel\n")
        print_head()
        for name in MATCHERS:
            matcher = make_matcher(name)
            encoded = [matcher.encode(cel.lineart, cel.segments) for cel in cels]
            row = measure(Trial(matcher, cels, encoded))
            means[name].append(row)
            print_row(name, np.array(row))
    if len(cuts) > 1:
        print(f"\nmean of {len(cuts)} cuts\n")
        print_head()
        for name, rows in means.items():
            print_row(name, np.mean(rows, axis=0))


def print_head() -> None:
    """Print the head of a table."""
    print("| matcher | " + " | ".join(HEADINGS) + " |")
    print("|---" * (len(HEADINGS) + 1) + "|")


def print_row(name: str, row: NDArray[np.float64]) -> None:
    """Print one matcher's row."""
    print(f"| {name} | " + " | ".join(f"{value:.1%}" for value in row) + " |", flush=True)


if __name__ == "__main__":
    main([Path(p) for p in sys.argv[1:]] or [Path(shiage.demo.__file__).parent])
