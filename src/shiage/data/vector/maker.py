"""Clips of flat vector art, posed and drawn as cels.

One picture, or a small cast of pictures of the same split, becomes puppets that move; each frame is
painted element by element, as the picture would be, but with part numbers for colors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

import shiage
from shiage.data.dataset import Clip, split_of
from shiage.data.inking import ink_view, random_style
from shiage.data.maker import ClipSettings
from shiage.data.scene import HIGHLIGHT, LIT, SHADOW, SUPERSAMPLE, View
from shiage.data.vector.library import Picture, list_pictures, read_picture_text
from shiage.data.vector.puppet import bend_points, pose_joints
from shiage.data.vector.scenery import Figure, stage_figures
from shiage.data.vector.svg import Element, draw, read_svg
from shiage.errors import DatasetError

CAST = 0.25  # share of clips with more than one figure


@dataclass(frozen=True)
class VectorMaker:
    """Makes clips from a folder of vector art; see `library`.

    Attributes:
        art: the folder.
    """

    art: Path

    @property
    def source(self) -> str:
        """Name of the domain."""
        return "vector"

    @property
    def characters(self) -> Sequence[str]:
        """Names of all pictures, "package/picture"."""
        return tuple(list_pictures(self.art))

    def make_clip(self, character: str, seed: int, settings: ClipSettings) -> Clip:
        """Return a clip in which a picture moves.

        Raises:
            DatasetError: the art folder holds no such picture, or none that can be read.
        """
        pictures = list_pictures(self.art)
        if character not in pictures:
            raise DatasetError(f"no picture {character!r}", path=self.art)
        digest = hashlib.sha256(character.encode()).digest()
        rng = np.random.default_rng([seed, int.from_bytes(digest[:8], "big")])
        cast = [pictures[character], *self._company(pictures[character], rng)]
        art = [_read_elements(self.art, picture) for picture in cast]
        figures, parts = stage_figures(art, settings.frames, rng)
        style = random_style(rng, settings.size)
        light = rng.normal(0, 1, 2) * (1, 0.6) - (0, 0.6)
        light = light / np.linalg.norm(light)
        step = float(np.exp(rng.uniform(np.log(0.06), np.log(1.2))))
        frames = []
        for at in range(settings.frames):
            view = paint_view(figures, at, at * step, settings.size, light)
            frames.append(ink_view(f"{at + 1:04d}", view, parts, style, rng))
        return Clip(
            source=self.source,
            license=" + ".join(dict.fromkeys(picture.license for picture in cast)),
            character=character,
            generator=f"shiage {shiage.__version__} vector",
            seed=seed,
            frames=tuple(frames),
        )

    def _company(self, lead: Picture, rng: np.random.Generator) -> list[Picture]:
        """Return whom else a clip shows, of the lead's split."""
        if rng.random() >= CAST:
            return []
        split = split_of(lead.character)
        others = [
            picture
            for picture in list_pictures(self.art).values()
            if picture is not lead and split_of(picture.character) == split
        ]
        count = min(int(rng.integers(1, 3)), len(others))
        return [others[at] for at in rng.choice(len(others), count, replace=False)]


@lru_cache(maxsize=64)
def _read_elements(art: Path, picture: Picture) -> tuple[Element, ...]:
    """Return a picture's elements."""
    try:
        elements = read_svg(read_picture_text(art, picture))
    except ValueError as error:
        raise DatasetError(f"{picture.name}: {error}", path=art / picture.package) from None
    if not any(element.contours for element in elements):
        raise DatasetError(f"{picture.name}: nothing to paint", path=art / picture.package)
    return elements


def paint_view(
    figures: Sequence[Figure], frame: int, time: float, size: int, light: NDArray[np.float64]
) -> View:
    """Return what a frame shows.

    Args:
        figures: from back to front.
        frame: its number, from 0.
        time: of motion; a unit is about a radian of the quickest swings.
        size: of the drawing, pixels.
        light: (2,) direction towards the light, y down.
    """
    side = size * SUPERSAMPLE
    parts = np.zeros((side, side), np.int32)
    shade = np.full((side, side), LIT, np.uint8)
    strokes = np.zeros((side, side), np.uint8)
    for figure in figures:
        lids = figure.lids if frame in figure.closed else frozenset()
        matrices = pose_joints(figure.puppet, figure.motion, time, lids)
        for at in _painting_order(figure, frame):
            element, joint = figure.puppet.elements[at], figure.puppet.joints[at]

            def placed(
                points: NDArray[np.float32],
                figure: Figure = figure,
                matrix: NDArray[np.float64] = matrices[at],
                depth: int = joint.depth,
            ) -> NDArray[np.float32]:
                moved = (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
                bent = bend_points(moved, depth, figure.motion, time) * figure.scale
                if figure.mirrored:
                    bent[:, 0] *= -1
                where = bent + figure.place + figure.drift * time
                return ((where + 1) * (side / 2)).astype(np.float32)

            if not element.contours:
                ends = placed(element.lines.reshape(-1, 2)).reshape(-1, 2, 2)
                cv2.polylines(strokes, list(np.round(ends).astype(np.int32)), False, 1)
                continue
            contours = tuple(placed(contour) for contour in element.contours)
            if element.is_ink:
                draw(strokes, contours, 1)
                continue
            draw(parts, contours, figure.first_part + at)
            draw(strokes, contours, 0)
            draw(shade, contours, LIT)
            if at in figure.shaded:
                _shade(shade, contours, light)
    return View(parts, shade, strokes > 0)


def _painting_order(figure: Figure, frame: int) -> list[int]:
    """Return the elements that a frame shows, from back to front."""
    hidden = {at for group, when in figure.hidden.items() if frame in when for at in group}
    back = {at for group, since in figure.behind.items() if frame >= since for at in group}
    order = sorted(range(len(figure.puppet.elements)), key=lambda at: (at not in back, at))
    return [at for at in order if at not in hidden]


def _shade(
    shade: NDArray[np.uint8], contours: tuple[NDArray[np.float32], ...], light: NDArray[np.float64]
) -> None:
    """Shade an element where its copy, moved towards the light, does not cover it; add a glint."""
    low, high = contours[0].min(axis=0), contours[0].max(axis=0)
    origin = np.maximum(np.floor(low).astype(int) - 2, 0)
    end = np.minimum(np.ceil(high).astype(int) + 3, shade.shape[::-1])
    if (end - origin < 8).any():
        return
    own, copy = np.zeros((2, *(end - origin)[::-1]), np.uint8)
    reach = 0.22 * float(np.sqrt(cv2.contourArea(contours[0])))
    here = tuple((contour - origin).astype(np.float32) for contour in contours)
    shift = (light * reach).astype(np.float32)
    draw(own, here, 1)
    draw(copy, (here[0] + shift,), 1)
    # a brush: no slivers, round corners
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
    dark = cv2.morphologyEx(own & ~copy & 1, cv2.MORPH_OPEN, brush)
    window = shade[origin[1] : end[1], origin[0] : end[0]]
    window[dark > 0] = SHADOW
    glint = np.zeros_like(own)
    middle = here[0].mean(axis=0) + shift * 1.1
    turn = float(np.degrees(np.arctan2(light[1], light[0]))) + 90
    size = (max(2, round(reach * 0.5)), max(2, round(reach * 0.2)))
    center = (round(float(middle[0])), round(float(middle[1])))
    cv2.ellipse(glint, center, size, turn, 0, 360, 1, cv2.FILLED)
    inner = cv2.erode(own, brush)
    if int((glint & inner).sum()) == int(glint.sum()) > 60:
        window[(glint > 0) & (dark == 0)] = HIGHLIGHT
