"""Cuts drawn and painted without a fault, and faults planted into them at known places."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.checks import CheckSettings, CutChecks, Finding, Kind, check_cut
from shiage.colors.palette import PAPER, Palette
from shiage.files.images import Layout, Picture, read_picture, write_picture
from shiage.files.pictures import Pixels
from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import find_segments
from shiage.painting.compose import compose
from shiage.painting.covering import Covering
from shiage.structures import BoolMap, Ints, LineArt, Segments

Rgba = NDArray[np.uint8]
Rgb = tuple[int, int, int]
Generator = np.random.Generator
Spot = list[tuple[int, int]]
"""Pixels (y, x) of one planted fault."""

INK: Rgb = (0, 0, 0)
TRACES: dict[str, Rgb] = {
    "red": (255, 0, 0),
    "yellow-green": (180, 255, 0),
    "green": (0, 200, 60),
    "blue": (0, 60, 255),
}
PARTS = (
    "back hair", "skin", "skin shadow", "eye", "shirt", "shirt shadow", "pocket", "trousers",
    "knee", "shoe", "hair", "hair light", "sleeve",
)  # fmt: skip
STAND_IN: Rgb = (255, 0, 255)
"""In the palette, by a name that says what it is; no clean cut is painted with it."""

APART = 5
"""Planted faults lie at least so many pixels apart, so that each is a place of its own."""


@dataclass(frozen=True)
class Style:
    """How a cut is drawn.

    Attributes:
        soft: antialiased lines.
        width: of lines, pixels.
        clear: on transparent paper.
        deep: 16 bits a channel.
        scale: size of the figure.
        ink: color of the lines that stay.
    """

    soft: bool = False
    width: int = 2
    clear: bool = False
    deep: bool = False
    scale: float = 1.0
    ink: Rgb = INK


STYLES = {
    "hard": Style(),
    "hard, 1 px": Style(width=1),
    "soft": Style(soft=True),
    "soft, 3 px": Style(soft=True, width=3, scale=1.3),
    "hard, transparent": Style(clear=True),
    "soft, transparent": Style(soft=True, clear=True),
    "soft, 16 bits": Style(soft=True, deep=True),
    "hard, gray": Style(ink=(47, 47, 47)),
    "soft, gray": Style(soft=True, ink=(47, 47, 47)),
}


@dataclass(frozen=True, eq=False)
class PaintedDrawing:
    """A drawing, its parts and their colors, and the painting that shiage composes of them."""

    name: str
    drawing: Pixels
    lineart: LineArt
    segments: Segments
    color_ids: Ints
    palette: Palette
    painted: Pixels

    @property
    def layout(self) -> Layout:
        clear = self.drawing[..., 3].min() == 0
        return Layout("PNG", "RGBA" if clear else "RGB", 16 if self.drawing.itemsize == 2 else 8)

    @property
    def fill(self) -> Ints:
        """(H, W) palette id of each pixel's segment, PAPER on ink."""
        ids = np.concatenate([[PAPER], self.color_ids]).astype(np.int32)
        return np.asarray(ids[self.segments.labels], np.int32)

    def repainted(self, label: int, color: int) -> PaintedDrawing:
        ids = self.color_ids.copy()
        ids[label - 1] = color
        out = compose(Covering(self.drawing, self.lineart), self.segments.labels, ids, self.palette)
        return replace(self, color_ids=ids, painted=out)


@dataclass(frozen=True)
class Fault:
    """A planted fault: its kind, its cel, its pixels, of which one is enough to find it."""

    kind: Kind
    cel: str
    spot: Spot = field(default_factory=list)


def choose_colors(rng: Generator) -> dict[str, Rgb]:
    """A color for each part, far from one another, from paper, from ink and from trace pens."""
    taken: list[Rgb] = [(255, 255, 255), INK, STAND_IN, *TRACES.values()]
    colors = {}
    for part in PARTS:
        while True:
            r, g, b = (int(v) for v in rng.integers(30, 246, 3))
            if min(max(abs(r - o[0]), abs(g - o[1]), abs(b - o[2])) for o in taken) >= 28:
                break
        colors[part] = (r, g, b)
        taken.append(colors[part])
    return colors


def with_stand_in(palette: Palette) -> Palette:
    """The palette with the stand-in color as its last."""
    longer, _ = palette.extended(np.array([[*STAND_IN, 255]], np.uint16) * 257)
    return Palette(longer.rgba_u16, (*palette.names, "スカート（仮）"))


def draw(
    style: Style,
    step: int,
    colors: dict[str, Rgb],
    layer: Literal["lines", "traces"] | None = None,
) -> tuple[Rgba, Rgba]:
    """The figure in its `step`th pose, as a drawing on white and as fills without lines.

    Of the drawing only one `layer` if that is asked for.
    """
    height, width = round(230 * style.scale), round(200 * style.scale)
    line, paint = (np.full((height, width, 4), 255, np.uint8) for _ in range(2))
    kind = cv2.LINE_AA if style.soft else cv2.LINE_8
    swing = 3 * step

    def at(points: Iterable[tuple[float, float]]) -> NDArray[np.int32]:
        moved = [(x + 40 + 2 * step, y + 6 + step % 2) for x, y in points]
        return np.rint(np.array(moved) * style.scale).astype(np.int32)

    def part(name: str, *points: tuple[float, float]) -> NDArray[np.int32]:
        corners = at(points)
        cv2.fillPoly(line, [corners], (255, 255, 255, 255))
        cv2.fillPoly(paint, [corners], (*colors[name], 255))
        return corners

    def outline(corners: NDArray[np.int32], pen: Rgb | None = None, closed: bool = True) -> None:
        if layer != ("lines" if pen else "traces"):
            cv2.polylines(line, [corners], closed, (*(pen or style.ink), 255), style.width, kind)

    def round_part(x: float, y: float, a: float, b: float) -> list[tuple[float, float]]:
        turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        return [(x + a * np.cos(t), y + b * np.sin(t)) for t in turn]

    outline(part("back hair", (18, 20), (98, 20), (104, 88), (14, 88)))
    for side in (24, 68):
        lean = -swing if side == 24 else swing
        outline(part("trousers", (side, 132), (side + 28, 132), (side + 28 + lean, 196),
                     (side + lean, 196)))  # fmt: skip
        knee = [(side + 0.5 * lean, 164), (side + 28 + 0.5 * lean, 164)]
        shin = part("knee", *knee, (side + 28 + 0.8 * lean, 182), (side + 0.8 * lean, 182))
        outline(shin[:2], TRACES["green"], closed=False)
        outline(shin[2:], TRACES["green"], closed=False)
        outline(at([(side, 132), (side + lean, 196)]), closed=False)
        outline(at([(side + 28, 132), (side + 28 + lean, 196)]), closed=False)
        outline(part("shoe", (side - 4 + lean, 196), (side + 30 + lean, 196),
                     (side + 30 + lean, 208), (side - 4 + lean, 208)))  # fmt: skip
    outline(part("sleeve", (26, 90), (34, 104), (6, 132 - swing), (-4, 118 - swing)))
    outline(part("skin", (6, 132 - swing), (-4, 118 - swing), (-16, 126 - swing),
                 (-6, 140 - swing)))  # fmt: skip
    body = part("shirt", (26, 86), (94, 86), (94, 138), (26, 138))
    shade = part("shirt shadow", (70, 86), (94, 86), (94, 138), (78, 138))
    outline(shade[[0, 3]], TRACES["red"], closed=False)
    outline(part("pocket", (36, 100), (56, 100), (56, 118), (36, 118)), TRACES["yellow-green"])
    outline(body)
    face = part("skin", *round_part(58, 52, 34, 38))
    cheek = part("skin shadow", *round_part(60, 74, 15, 8))
    outline(cheek, TRACES["red"])
    outline(face)
    outline(part("eye", *round_part(46, 54, 6, 8)))
    outline(part("eye", *round_part(74, 54, 6, 8)))
    hair = part("hair", (20, 42), (30, 8), (86, 6), (97, 44), (78, 30), (40, 28))
    outline(part("hair light", *round_part(58, 17, 16, 5)), TRACES["blue"])
    outline(hair)
    return line, paint


def draw_cut(style: Style, seed: int, count: int = 5, first: int = 1) -> list[PaintedDrawing]:
    """A cut of the figure walking, painted without a fault in colors of its own."""
    rng = np.random.default_rng(seed)
    colors = choose_colors(rng)
    rows = np.array([(*color, 255) for color in colors.values()], np.uint16) * 257
    palette = with_stand_in(Palette().extended(rows)[0])
    start = int(rng.integers(0, 4))
    return [
        _paint(f"A{number:04}", *draw(style, start + number - first, colors), style, palette)
        for number in range(first, first + count)
    ]


def _paint(name: str, line: Rgba, paint: Rgba, style: Style, palette: Palette) -> PaintedDrawing:
    lifted = _lift(line) if style.clear else line
    lineart = extract_lineart(lifted)
    segments = find_segments(lineart)
    ids = np.zeros(len(segments), np.int32)
    for label in range(1, len(segments) + 1):
        inside = paint[(segments.labels == label) & (lineart.coverage == 0)]
        if not len(inside):
            inside = paint[segments.labels == label]
        found, counts = np.unique(inside, axis=0, return_counts=True)
        commonest = found[int(counts.argmax())].astype(np.uint16) * 257
        if (commonest[:3] < 65535).any():
            ids[label - 1] = palette.extended(commonest[None])[1][0]
    drawing: Pixels = lifted.astype(np.uint16) * 257 if style.deep else lifted
    painted = compose(Covering(drawing, lineart), segments.labels, ids, palette)
    return PaintedDrawing(name, drawing, lineart, segments, ids, palette, painted)


def _lift(line: Rgba) -> Rgba:
    """The same drawing on transparent paper."""
    alpha = 255 - line[..., :3].min(axis=-1).astype(np.float64)
    rgb = (line[..., :3] - (255 - alpha[..., None])) * 255 / np.maximum(alpha, 1)[..., None]
    lifted = np.dstack([np.clip(np.rint(rgb), 0, 255), alpha])
    lifted[alpha == 0] = 0
    return lifted.astype(np.uint8)


def save_cut(
    folder: Path,
    cels: Sequence[PaintedDrawing],
    painted: bool = True,
    file_format: str = "PNG",
) -> Path:
    """Write the drawings to `folder/cut`, and their paintings to `folder/painted`."""
    for cel in cels:
        layout = replace(cel.layout, format=file_format)
        for name, pixels in {"cut": cel.drawing, "painted": cel.painted}.items():
            if name == "cut" or painted:
                (folder / name).mkdir(parents=True, exist_ok=True)
                path = folder / name / f"{cel.name}{layout.suffix}"
                write_picture(path, Picture(pixels, layout))
    return folder


def check(
    folder: Path,
    palette: Palette | None = None,
    references: Sequence[Path] = (),
    matcher: str | None = None,
    settings: CheckSettings | None = None,
) -> CutChecks:
    return check_cut(
        folder / "cut", folder / "painted", palette=palette, references=references,
        matcher=matcher, settings=settings,
    )  # fmt: skip


# --- planting -----------------------------------------------------------------------------------


def choose_spots(rng: Generator, mask: BoolMap, count: int, taken: list[Spot]) -> Spot:
    """Pixels of a mask at random, apart from one another and from those taken."""
    y, x = np.nonzero(mask)
    far = [spot for spots in taken for spot in spots]
    chosen: Spot = []
    for at in rng.permutation(len(y)).tolist():
        here = int(y[at]), int(x[at])
        if all(max(abs(here[0] - v), abs(here[1] - u)) > APART for v, u in far + chosen):
            chosen.append(here)
            if len(chosen) == count:
                break
    return chosen


def grow(rng: Generator, mask: BoolMap, start: tuple[int, int], size: int) -> Spot:
    """Up to `size` pixels of a mask connected by their sides, within two pixels of the start."""
    spot = [start]
    for _ in range(6 * size):
        if len(spot) == size:
            break
        y, x = spot[int(rng.integers(len(spot)))]
        dy, dx = ((0, 1), (1, 0), (0, -1), (-1, 0))[int(rng.integers(4))]
        v, u = y + dy, x + dx
        inside = 0 <= v < mask.shape[0] and 0 <= u < mask.shape[1]
        near = max(abs(v - start[0]), abs(u - start[1])) <= 2
        if inside and near and mask[v, u] and (v, u) not in spot:
            spot.append((v, u))
    return spot


def paper_of(cel: PaintedDrawing) -> NDArray[np.generic]:
    return np.asarray(cel.drawing[0, 0])


def lines_of(cel: PaintedDrawing) -> tuple[BoolMap, BoolMap, BoolMap]:
    """Ink that stays, ink that is painted over, and rims of the former."""
    covering = Covering(cel.drawing, cel.lineart)
    return covering.kept, covering.replaced, covering.soft


def inner_paint(cel: PaintedDrawing) -> BoolMap:
    """Painted pixels that no line touches, not even with its rim."""
    return np.asarray((cel.fill != PAPER) & (cel.lineart.coverage == 0))


def plant_pinholes(rng: Generator, cel: PaintedDrawing, count: int) -> tuple[Pixels, list[Spot]]:
    """Single pixels and small groups, half of them beside lines."""
    mask = inner_paint(cel)
    near = cv2.dilate((cel.lineart.coverage > 0).view(np.uint8), np.ones((3, 3), np.uint8)) > 0
    out, spots = cel.painted.copy(), list[Spot]()
    for at in range(count):
        where = mask & near if at % 2 else mask
        for start in choose_spots(rng, where, 1, spots):
            spots.append(grow(rng, mask, start, int(rng.choice([1, 1, 2, 4, 8]))))
            _put(out, spots[-1], paper_of(cel))
    return out, spots


def plant_traces(
    rng: Generator, cel: PaintedDrawing, count: int, hue: int | None = None
) -> tuple[Pixels, list[Spot]]:
    """Single pixels and short pieces of trace lines that are as they were drawn."""
    mask = cel.lineart.trace == hue if hue else cel.lineart.trace > 0
    out, spots = cel.painted.copy(), list[Spot]()
    for _ in range(count):
        for start in choose_spots(rng, mask, 1, spots):
            spots.append(grow(rng, mask, start, int(rng.choice([1, 1, 2, 5]))))
            for y, x in spots[-1]:
                out[y, x] = cel.drawing[y, x]
    return out, spots


def plant_colors(rng: Generator, cel: PaintedDrawing, count: int) -> tuple[Pixels, list[Spot]]:
    """Small groups of pixels in another color, half of them next to the color they should have."""
    mask = inner_paint(cel)
    out, spots = cel.painted.copy(), list[Spot]()
    step = 257 if out.itemsize == 2 else 1
    for at in range(count):
        for start in choose_spots(rng, mask, 1, spots):
            spots.append(grow(rng, mask, start, int(rng.choice([1, 2, 6]))))
            color = out[start].astype(np.int64)
            change = rng.integers(1, 3) if at % 2 else 17
            color[at % 3] += step * (change if color[at % 3] < 120 * step else -change)
            _put(out, spots[-1], color)
    return out, spots


def plant_ink(rng: Generator, cel: PaintedDrawing, count: int) -> tuple[Pixels, list[Spot]]:
    """Line pixels painted over, made paper, or a little lighter."""
    kept, _, soft = lines_of(cel)
    mask = kept & ~soft
    out, spots = cel.painted.copy(), list[Spot]()
    step = 257 if out.itemsize == 2 else 1
    for at in range(count):
        for start in choose_spots(rng, mask, 1, spots):
            spots.append(grow(rng, mask, start, int(rng.choice([1, 1, 3]))))
            lighter = out[start].astype(np.int64) + np.array([step, step, step, 0])
            fill = cel.palette.rgba_u16[1] // (1 if step == 257 else 257)
            _put(out, spots[-1], (lighter, fill, paper_of(cel))[at % 3])
    return out, spots


def plant_stand_ins(rng: Generator, cel: PaintedDrawing, count: int) -> tuple[Pixels, list[Spot]]:
    """Small groups of pixels in the palette's stand-in color."""
    mask = inner_paint(cel)
    out, spots = cel.painted.copy(), list[Spot]()
    color = np.array([*STAND_IN, 255]) * (257 if out.itemsize == 2 else 1)
    for _ in range(count):
        for start in choose_spots(rng, mask, 1, spots):
            spots.append(grow(rng, mask, start, int(rng.choice([1, 2, 6]))))
            _put(out, spots[-1], color)
    return out, spots


Plant = Callable[[Generator, PaintedDrawing, int], tuple[Pixels, list[Spot]]]
PLANTS: dict[Kind, Plant] = {
    "pinhole": plant_pinholes,
    "trace": plant_traces,
    "off-palette": plant_colors,
    "ink": plant_ink,
    "stand-in": plant_stand_ins,
}


def _put(out: Pixels, spot: Spot, color: NDArray[np.generic]) -> None:
    for y, x in spot:
        out[y, x] = color


def plant(
    kind: Kind, rng: Generator, cels: Sequence[PaintedDrawing], count: int
) -> tuple[list[PaintedDrawing], list[Fault]]:
    """The cut with `count` faults of a kind in each cel."""
    out, faults = [], []
    for cel in cels:
        pixels, spots = PLANTS[kind](rng, cel, count)
        out.append(replace(cel, painted=pixels))
        faults += [Fault(kind, cel.name, spot) for spot in spots]
    return out, faults


def plant_flicker(
    rng: Generator, cels: Sequence[PaintedDrawing], length: int, *, unpainted: bool = False
) -> tuple[list[PaintedDrawing], list[Fault]]:
    """The cut with one part in another color, or none, for `length` cels somewhere inside it."""
    first = int(rng.integers(1, len(cels) - length))
    own = int(rng.choice(single_parts(cels[first - 1 : first + length + 1])))
    decided = np.flatnonzero(~cels[0].palette.stand_ins)
    others = [color for color in decided.tolist() if color not in (own, PAPER)]
    other = PAPER if unpainted else int(rng.choice(others))
    out, faults = list(cels), []
    for at in range(first, first + length):
        label = int(np.flatnonzero(cels[at].color_ids == own)[0]) + 1
        out[at] = cels[at].repainted(label, other)
        y, x = np.nonzero(cels[at].segments.labels == label)
        spot = list(zip(y.tolist(), x.tolist(), strict=True))
        faults.append(Fault("flicker", cels[at].name, spot))
    return out, faults


def plant_unlike_references(
    rng: Generator, cels: Sequence[PaintedDrawing]
) -> tuple[list[PaintedDrawing], list[Fault]]:
    """All cels after the first in a color that the first has not; the last with a part exchanged.

    The color is one more in the palette; the part takes the color of another one.
    """
    out, faults = list(cels), []
    palette, new = cels[0].palette.with_color("#7b4e2d")
    single = single_parts(cels)
    own, other = (int(v) for v in rng.choice(single, 2, replace=False))
    for at in range(1, len(cels)):
        label = int(np.flatnonzero(cels[at].color_ids == own)[0]) + 1
        if at == len(cels) - 1:
            kind: Kind = "unlike-reference"
            out[at] = cels[at].repainted(label, other)
        else:
            kind = "not-in-reference"
            out[at] = replace(cels[at], palette=palette).repainted(label, new)
        y, x = np.nonzero(cels[at].segments.labels == label)
        faults.append(Fault(kind, cels[at].name, list(zip(y.tolist(), x.tolist(), strict=True))))
    return out, faults


def plant_files(rng: Generator, folder: Path, cels: Sequence[PaintedDrawing]) -> list[Fault]:
    """A missing cel, a surplus one, one of another size, one stored otherwise, one cut off."""
    files = sorted((folder / "painted").iterdir())
    missing, large, mode, broken = (files[at] for at in rng.permutation(len(files)).tolist()[:4])
    missing.unlink()
    surplus = missing.with_name(f"B0007{missing.suffix}")
    write_picture(surplus, Picture(cels[0].painted, read_picture(large).layout))
    picture = read_picture(large)
    larger: Any = np.pad(picture.pixels, ((0, 1), (0, 0), (0, 0)), mode="edge")
    write_picture(large, Picture(larger, picture.layout))
    picture = read_picture(mode)
    pixels, layout = picture.pixels, picture.layout
    if layout.bits == 16:
        pixels, layout = (pixels // 257).astype(np.uint8), replace(layout, bits=8)
    elif layout.format in ("PNG", "TIFF"):
        pixels, layout = pixels.astype(np.uint16) * 257, replace(layout, bits=16)
    elif layout.has_alpha:
        layout = replace(layout, format="PNG")
    else:  # 32 bits a pixel instead of 24
        pixels = pixels.copy()
        pixels[0, 0, 3] = 0
        layout = replace(layout, mode="RGBA")
    write_picture(mode, Picture(pixels, layout))
    broken.write_bytes(broken.read_bytes()[: broken.stat().st_size // 2])
    kinds: dict[Path, Kind] = {
        missing: "missing", surplus: "surplus", large: "size", mode: "mode", broken: "unreadable",
    }  # fmt: skip
    return [Fault(kind, path.stem) for path, kind in kinds.items()]


def single_parts(cels: Sequence[PaintedDrawing]) -> list[int]:
    """Colors that exactly one segment of each cel has."""
    return [
        color
        for color in range(1, len(cels[0].palette))
        if all(np.count_nonzero(cel.color_ids == color) == 1 for cel in cels)
    ]


# --- counting -----------------------------------------------------------------------------------


def is_at(finding: Finding, fault: Fault) -> bool:
    """Whether a finding is that of a planted fault."""
    if (finding.kind, finding.cel) != (fault.kind, fault.cel):
        return False
    if finding.xy is None or not fault.spot:
        return finding.xy is None and not fault.spot
    return (finding.xy[1], finding.xy[0]) in set(fault.spot)


def compare(result: CutChecks, faults: Sequence[Fault]) -> tuple[list[Fault], list[Finding]]:
    """Faults that were not found, and findings that are of no fault."""
    missed = [f for f in faults if not any(is_at(found, f) for found in result.findings)]
    false = [found for found in result.findings if not any(is_at(found, f) for f in faults)]
    return missed, false
