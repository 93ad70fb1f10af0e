"""Makes evaluation clips from the Morevna project's cut-out characters, which synfig draws.

    python scripts/make_morevna_clips.py --rigs DIR --out DIR    # needs Debian's synfig

The rigs are CC0: github.com/morevnaproject/characters, the folders character-sita and
character-sample.male. Each frame is rendered twice from recolored copies: once with one flat color
per part and no lines, which gives the parts, and once with the fills black, the shadows green and
the lines red, which gives the shadows and the lines as their author drew them.
"""

from __future__ import annotations

import argparse
import copy
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.data.coloring import make_part
from shiage.data.dataset import Clip, Frame, write_clip
from shiage.data.inking import ink_view, random_style
from shiage.data.scene import LIT, SHADOW, SUPERSAMPLE, Part, Rgb, View
from shiage.data.vector.thinning import centerline
from shiage.lines.segments import spread_labels

LICENSE = "CC0-1.0, characters of the Morevna project (morevna.com)"
GAMMA = 2.2  # synfig's colors are linear
DARKENED = 0.5 ** (1 / GAMMA)  # the rigs' shadows are black, laid over at one half
LEVELS = 6  # of each channel that tells part numbers
STEP = 255 // (LEVELS - 1)
FILLS = ("region",)
LINES = ("outline", "advanced_outline")
EFFECTS = ("SolidColor", "radial_gradient", "linear_gradient", "shade", "import", "text", "star",
           "rectangle", "checker_board")  # fmt: skip
GROUPS = ("group", "PasteCanvas")
UNSEEN = ("(stk)-fillers-amount", "(stk)-stickman-amount", "(stk)-widget-amount")
LIMB = re.compile(r"\(stk\)-(arm|forearm|hip|leg|palm|foot|body|head)([12]?)")
WHOLE = {"forearm": "arm", "hip": "leg"}  # drawn over one another, to look as one
MULTIPLY = 6
ALIKE = 6  # difference of color per channel that the rigs have by oversight
AIRBRUSHED = 0.05  # feather from which a fill is an effect
SWITCHES = {"switch-palm-l": 7, "switch-palm-r": 7, "switch-eyes": 5, "switch-mimic": 6}

Color = tuple[float, float, float]
Floats = NDArray[np.float64]
USES = ("parts", "marks")
Pose = dict[str, Floats]  # values of the rig, each of shape (1,) or (2,); angles are degrees


@dataclass(frozen=True)
class Shot:
    """What a clip shows.

    Attributes:
        character: whose name decides the split.
        file: the rig, below the folder of rigs.
        center: of the picture, in synfig's units.
        span: height of the picture.
        legs: those that move.
        stride: of a step, degrees.
        turns: values of the head's switch.
    """

    character: str
    file: str
    center: tuple[float, float]
    span: float
    legs: tuple[int, ...]
    stride: float
    turns: tuple[float, ...]


SITA, SAHA = "Sita (Morevna project)", "Saha"  # names by which both are for testing
WOMAN = "character-sita/00-sita-front.sif"
FRONT, SIDE = (f"character-sample.male/00-saha-{view}.sif" for view in ("front", "side"))
SHOTS = {
    "sita": Shot(SITA, WOMAN, (-0.3, 0.0), 4.6, (2,), 5, (-3.65,)),
    "sita-bust": Shot(SITA, WOMAN, (-0.3, 0.9), 2.3, (2,), 5, (-3.65,)),
    "saha-front": Shot(SAHA, FRONT, (-0.2, 0.0), 4.9, (1, 2), 9, (-2.5, -3.5, -4.5)),
    "saha-bust": Shot(SAHA, FRONT, (-0.2, 1.2), 2.4, (1, 2), 9, (-2.5, -3.5, -4.5)),
    "saha-side": Shot(SAHA, SIDE, (0.0, 0.0), 4.9, (1, 2), 25, (-2.5, -3.5)),
}


@dataclass(frozen=True)
class Place:
    """Where in a rig a layer lies.

    Attributes:
        limb: e.g. "arm1"; parts of one limb and color are one thing to a painter.
        tint: what its colors are multiplied with.
        shade: whether it is a shadow.
        base: folder of its file, below the rig's.
    """

    limb: str = "whole"
    tint: Color = (1.0, 1.0, 1.0)
    shade: bool = False
    base: str = "."


class Recoloring:
    """Copies of a rig's files in which color tells what a pixel belongs to.

    Attributes:
        trees: the rig's main file, by use; what it links lies in folders named by use.
        colors: part number of each limb and color, from 1.
    """

    def __init__(self, main: Path, folder: Path) -> None:
        self.trees = {use: ET.parse(main).getroot() for use in USES}  # noqa: S314
        self.colors: dict[tuple[str, Rgb], int] = {}
        self.folder = folder
        self._source = main.parent
        for use in USES:
            (folder / use).mkdir()
            self._use, self._root = use, self.trees[use]
            self._canvas(self._root, Place())

    def _canvas(self, canvas: ET.Element, place: Place) -> None:
        layers = canvas.findall("layer")
        for layer in layers:
            multiplies = _number(layer, "blend_method") == MULTIPLY
            if layer.get("type") == "SolidColor" and multiplies and _is_seen(layer):
                place = replace(place, tint=_times(place.tint, self._color_of(layer)))
        for layer in layers:
            kind = layer.get("type")
            line, shade = kind in LINES, place.shade or 0 < _number(layer, "amount") < 1
            unwanted = kind in EFFECTS or (self._use == "parts" and (line or shade))
            if unwanted or not _is_seen(layer):
                canvas.remove(layer)
            elif kind in GROUPS:
                self._group(layer, replace(place, shade=shade))
            elif line or kind in FILLS:
                self._paint(layer, replace(place, shade=shade), line=line)

    def _group(self, layer: ET.Element, place: Place) -> None:
        if found := LIMB.match(layer.get("desc", "")):
            place = replace(place, limb=WHOLE.get(found[1], found[1]) + found[2])
        if place.shade:
            _set(layer, "amount", "real", "1")
        holder = _param(layer, "canvas")
        if holder is None:
            return
        name = holder.get("use") or holder.get("canvas") or ""
        if name and not name.startswith(":"):
            self._file((Path(place.base) / name.split("#")[0]).as_posix(), place)
            return
        canvas = (
            self._root.find(f"defs/canvas[@id='{name[1:]}']") if name else holder.find("canvas")
        )
        if canvas is not None:
            self._canvas(canvas, place)

    def _file(self, name: str, place: Place) -> None:
        """Recolor a file that another one shows; only once, as a second time has the same limb."""
        target = self.folder / self._use / name
        if target.exists():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        root = ET.parse(self._source / name).getroot()  # noqa: S314
        self._canvas(root, replace(place, base=Path(name).parent.as_posix()))
        ET.ElementTree(root).write(target, encoding="utf-8")

    def _paint(self, layer: ET.Element, place: Place, *, line: bool) -> None:
        """Give a fill or a line the color that tells what it is."""
        color = (1.0, 0.0, 0.0) if line else (0.0, float(place.shade), 0.0)
        if self._use == "parts":
            rgb = self._common(_to_rgb(_times(place.tint, self._color_of(layer))))
            color = _code(self.colors.setdefault((place.limb, rgb), len(self.colors) + 1))
        _set(layer, "amount", "real", "1")
        _set(layer, "feather", "real", "0")
        _set(layer, "antialias", "bool", "false")
        element = _set(layer, "color", "color")
        for tag, value in zip("rgba", (*color, 1.0), strict=True):
            ET.SubElement(element, tag).text = f"{value:.6f}"

    def _common(self, rgb: Rgb) -> Rgb:
        """Return the color met before that nobody can tell from this one, else this one."""
        for _, known in self.colors:
            if max(abs(a - b) for a, b in zip(rgb, known, strict=True)) <= ALIKE:
                return known
        return rgb

    def _color_of(self, layer: ET.Element) -> Color:
        param = _param(layer, "color")
        color = None if param is None else next(param.iter("color"), None)
        if param is not None and color is None:
            name = (param.get("use") or param.get("color") or "").lstrip(":")
            color = self._root.find(f"defs/color[@id='{name}']")
        if color is None:
            return (0.0, 0.0, 0.0)
        red, green, blue = (float(color.findtext(tag) or 0) for tag in "rgb")
        return red, green, blue


def _is_seen(layer: ET.Element) -> bool:
    """Return whether a layer is drawn, and is no handle of the rig."""
    amount = _param(layer, "amount")
    link = "" if amount is None else (amount.get("use") or amount.get("amount") or "")
    return (
        layer.get("active", "true") == "true"
        and layer.get("exclude_from_rendering", "false") == "false"
        and not (layer.get("desc") or "").startswith("widget")
        and link.lstrip(":") not in UNSEEN
        and _number(layer, "feather", 0.0) < AIRBRUSHED
        and layer.find("param[@name='dash_enabled']/bool[@value='true']") is None  # beads
    )


def _param(layer: ET.Element, name: str) -> ET.Element | None:
    return layer.find(f"param[@name='{name}']")


def _number(layer: ET.Element, name: str, default: float = 1.0) -> float:
    """Return a parameter's value; the default where it has none, or no constant one."""
    param = _param(layer, name)
    value = param[0].get("value") if param is not None and len(param) else None
    return default if value is None else float(value)


def _set(layer: ET.Element, name: str, kind: str, value: str | None = None) -> ET.Element:
    """Put a new value in a parameter's place, and return it."""
    param = _param(layer, name)
    if param is not None:
        layer.remove(param)
    param = ET.SubElement(layer, "param", name=name)
    return ET.SubElement(param, kind, {} if value is None else {"value": value})


def _times(a: Color, b: Color) -> Color:
    return a[0] * b[0], a[1] * b[1], a[2] * b[2]


def _to_rgb(color: Color) -> Rgb:
    red, green, blue = (round(255 * min(max(c, 0.0), 1.0) ** (1 / GAMMA)) for c in color)
    return red, green, blue


def _code(number: int) -> Color:
    """Return the linear color that tells a part's number."""
    if number >= LEVELS**3:
        raise ValueError(f"more parts than colors: {number}")
    digits = number // LEVELS**2, number // LEVELS % LEVELS, number % LEVELS
    red, green, blue = ((digit * STEP / 255) ** GAMMA for digit in digits)
    return red, green, blue


def _decode(rgba: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Return (H, W) part numbers; pixels of mixed color get that of the nearest pure one."""
    digits = np.rint(rgba[..., :3] / STEP).astype(np.int32)
    pure = (np.abs(rgba[..., :3] - digits * STEP) <= STEP // 6).all(axis=2)
    numbers = digits @ np.array([LEVELS**2, LEVELS, 1], np.int32)
    numbers[rgba[..., 3] < 128] = 0
    return spread_labels(np.where(pure | (rgba[..., 3] < 128), numbers + 1, 0)) - 1


def key_pose(shot: Shot, rest: Pose, rng: np.random.Generator) -> Pose:
    """Return a random pose, not far from the rig's own."""
    pose: Pose = {}
    for side, sign in ((1, 1), (2, -1)):
        pose[f"elbow{side}-t"] = rest[f"elbow{side}-t"] + sign * rng.uniform(-15, 60)
        pose[f"wrist{side}-t"] = rest[f"wrist{side}-t"] + sign * rng.uniform(-15, 60)
        pose[f"palm{side}-t"] = rest[f"palm{side}-t"] + rng.uniform(-25, 25)
    pose["head-t"] = rest["head-t"] + rng.uniform(-12, 12)
    pose["body-t"] = rest["body-t"] + rng.uniform(-5, 5)
    pose["origin"] = rest["origin"] + rng.uniform((-0.12, -0.06), (0.12, 0.04))
    for side in shot.legs:
        swing = rng.uniform(-1, 1) * shot.stride
        bend = swing + rng.uniform(0, 1) * shot.stride
        # The rig is told where heel and knee are; thigh and shin shall keep their lengths.
        hip = rest["origin"] + _polar(rest[f"hip{side}-r"], rest[f"hip{side}-t"])
        knee = rest[f"heel{side}"] + _polar(rest[f"knee{side}-r"], rest[f"knee{side}-t"])
        leg = _turned(knee - hip, swing) + _turned(rest[f"heel{side}"] - knee, bend)
        pose[f"heel{side}"] = pose["origin"] + hip - rest["origin"] + leg
        pose[f"knee{side}-t"] = rest[f"knee{side}-t"] + bend
        pose[f"toe{side}-t"] = rest[f"toe{side}-t"] + bend
    for switch, variants in SWITCHES.items():
        pose[switch] = np.array([rng.integers(variants) / 2 + 0.1])
    pose["switch-head-turn"] = rng.choice(shot.turns, 1)
    return pose


def _polar(radius: Floats, degrees: Floats) -> Floats:
    return np.asarray(
        radius * np.concatenate([np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))])
    )


def _turned(vector: Floats, degrees: float) -> Floats:
    turned = complex(*vector) * np.exp(1j * np.deg2rad(degrees))
    return np.array([turned.real, turned.imag])


def between(before: Pose, after: Pose, share: float) -> Pose:
    """Return the pose at a share of the way, slow at both ends; switches jump in the middle."""
    ease = share * share * (3 - 2 * share)
    weight = {name: round(share) if name.startswith("switch") else ease for name in before}
    return {name: start + weight[name] * (after[name] - start) for name, start in before.items()}


def handles(root: ET.Element) -> dict[str, ET.Element]:
    """Return the elements that pose a rig, by name."""
    return {
        element.get("id", "").removeprefix("(stk)-"): element
        for defs in root.iter("defs")
        for element in defs
        if element.tag in ("real", "angle", "vector")
    }


def rest_pose(root: ET.Element) -> Pose:
    """Return the rig's own values."""
    return {
        name: np.array(
            [element.get("value")] if len(element) == 0 else [c.text for c in element], np.float64
        )
        for name, element in handles(root).items()
    }


def posed(root: ET.Element, shot: Shot, pose: Pose, size: int) -> ET.ElementTree[ET.Element]:
    """Return a copy of a rig with its values set, and the picture framed."""
    root = copy.deepcopy(root)
    found = handles(root)
    for name, value in pose.items():
        if len(value) == 1:
            found[name].set("value", f"{value[0]:.8f}")
        else:
            for child, number in zip(found[name], value, strict=True):
                child.text = f"{number:.8f}"
    (x, y), half = shot.center, shot.span / 2
    root.set("view-box", f"{x - half} {y + half} {x + half} {y - half}")
    root.set("width", str(size))
    root.set("height", str(size))
    return ET.ElementTree(root)


def synfig(file: Path) -> NDArray[np.uint8]:
    """Return (H, W, 4) uint8 RGBA, what synfig renders of a file's first frame."""
    picture = file.with_suffix(".png")
    subprocess.run(
        ["synfig", "-q", "-t", "png", "--time", "0s", "-o", picture, file],
        check=True,
        capture_output=True,
    )
    bgra = cv2.imread(str(picture), cv2.IMREAD_UNCHANGED)
    if bgra is None:
        raise FileNotFoundError(f"synfig made no {picture}")
    return np.asarray(cv2.cvtColor(bgra, cv2.COLOR_BGRA2RGBA), np.uint8)


def view_pose(recoloring: Recoloring, shot: Shot, pose: Pose, size: int) -> View:
    """Return what a pose shows."""
    pictures = {}
    for use, root in recoloring.trees.items():
        file = recoloring.folder / use / "posed.sif"
        posed(root, shot, pose, size * SUPERSAMPLE).write(file, encoding="utf-8")
        pictures[use] = synfig(file)
    red, green = (pictures["marks"][..., channel] > 127 for channel in (0, 1))
    green = cv2.morphologyEx(green.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)) > 0
    shade = spread_labels(np.where(red, 0, np.where(green, SHADOW, LIT) + 1)) - 1
    strokes = np.zeros(red.shape, np.bool_)
    x, y = centerline(red).reshape(-1, 2).astype(np.int64).T
    strokes[y, x] = True
    return View(_decode(pictures["parts"]), shade.astype(np.uint8), strokes)


def make_parts(recoloring: Recoloring, rng: np.random.Generator) -> list[Part]:
    """Return the parts in the order of their numbers, named by limb, e.g. "head.3"."""
    counts: dict[str, int] = {}
    parts = []
    for limb, color in recoloring.colors:
        counts[limb] = counts.get(limb, 0) + 1
        part = make_part(f"{limb}.{counts[limb]}", color, rng)
        dark = (round(color[0] * DARKENED), round(color[1] * DARKENED), round(color[2] * DARKENED))
        if dark not in (color, part.highlight):
            part = replace(part, shadow=dark)
        parts.append(part)
    return parts


def make_clip(rigs: Path, shot: Shot, seed: int, frames: int, size: int) -> Clip:
    """Return a clip of one shot, moving through three poses."""
    rng = np.random.default_rng([seed, *shot.file.encode(), round(100 * shot.span)])
    with tempfile.TemporaryDirectory() as folder:
        recoloring = Recoloring(rigs / shot.file, Path(folder))
        parts, style = make_parts(recoloring, rng), random_style(rng, size)
        rest = rest_pose(recoloring.trees["parts"])
        keys = [key_pose(shot, rest, rng) for _ in range(3)]
        drawn: list[Frame] = []
        for at in np.linspace(0, 2, frames):
            first = min(int(at), 1)
            view = view_pose(
                recoloring, shot, between(keys[first], keys[first + 1], at - first), size
            )
            drawn.append(ink_view(f"{len(drawn) + 1:04}", view, parts, style, rng))
    return Clip("morevna", LICENSE, shot.character, "make_morevna_clips", seed, tuple(drawn))


def main() -> None:
    """Make all the shots."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rigs", type=Path, required=True, help="folder with character-sita, ...")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--frames", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--size", type=int, default=768)
    options = parser.parse_args()
    for name, shot in SHOTS.items():
        clip = make_clip(options.rigs, shot, options.seed, options.frames, options.size)
        target = options.out / clip.split / f"morevna-{name}"
        target.parent.mkdir(parents=True, exist_ok=True)
        write_clip(target, clip)
        segments = sum(len(frame) for frame in clip.frames) / len(clip.frames)
        print(f"{target}: {segments:.0f} segments a frame", file=sys.stderr)


if __name__ == "__main__":
    main()
