"""A flat picture made to move: its elements hang on each other by joints found from contact.

An element that lies on a larger one is a detail (an eye on a face): it shifts and blinks. One that
sticks out (an ear, an arm) turns around the middle of the contact. What hangs on it follows. On
top, the whole figure turns, bends, squashes and sways as if it were a soft dome.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.data.vector.svg import CANVAS, Element, draw, to_canvas, to_unit

_COARSE = 4  # canvas pixels per pixel of the contact maps
_DETAIL = 0.8  # share of an element that lies on the one below, from which it is a detail
_SKIN = 0.5  # share of the parent's bounding box that an element's own spans to be its skin

# turn, nod (radians), bend, squash, sway (units) and tilt (radians) of a whole figure
_BODY_SWING = np.array([0.45, 0.25, 0.16, 0.1, 0.05, 0.2])
_BODY_LIMITS = np.array([0.85, 0.6, 0.35, 0.25, 0.12, 0.8])

Points = NDArray[np.float32]
Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Joint:
    """How an element hangs on another one.

    Attributes:
        parent: index of the element it follows; -1: none.
        hinge: (2,) float64, middle of the contact.
        contact: share of the element that lies on its parent, 0 to 1.
        depth: number of elements it follows, one after the other, skins not counted.
        area: of the element, as a share of the picture's square.
        is_skin: whether it spans as much as its parent, like an outline on a fill or hair around a
            head; such an element moves with its parent.
    """

    parent: int
    hinge: NDArray[np.float64]
    contact: float
    depth: int
    area: float
    is_skin: bool

    @property
    def is_detail(self) -> bool:
        """Whether it lies on its parent like an eye on a face."""
        return self.parent >= 0 and self.contact >= _DETAIL and not self.is_skin


@dataclass(frozen=True, eq=False)
class Puppet:
    """Elements in painting order with the joint of each."""

    elements: tuple[Element, ...]
    joints: tuple[Joint, ...]

    def parents_first(self) -> list[int]:
        """Return the elements in an order in which each comes after the one it hangs on."""
        order: list[int] = []
        placed = {-1}
        while len(order) < len(self.joints):
            ready = [
                at
                for at, joint in enumerate(self.joints)
                if joint.parent in placed and at not in placed
            ]
            order += ready
            placed.update(ready)
        return order

    def followers(self, root: int) -> frozenset[int]:
        """Return an element and all that hang on it."""
        found = {root}
        grown = True
        while grown:
            more = {at for at, joint in enumerate(self.joints) if joint.parent in found} - found
            found |= more
            grown = bool(more)
        return frozenset(found)


def build_puppet(elements: Sequence[Element]) -> Puppet:
    """Return a puppet of a picture's elements."""
    masks = [_coarse_mask(element) for element in elements]
    areas = [int(mask.sum()) for mask in masks]
    boxes = [_box_area(mask) for mask in masks]
    parents = [_find_parent(at, masks, areas) for at in range(len(elements))]
    skin = [
        parent >= 0 and box > _SKIN * boxes[parent]
        for parent, box in zip(parents, boxes, strict=True)
    ]
    joints = []
    for at, parent in enumerate(parents):
        touch = masks[at] & _grown(masks[parent]) if parent >= 0 else masks[at]
        places = np.argwhere(touch)[:, ::-1]
        middle = places.mean(axis=0) if len(places) else np.zeros(2)
        depth, above = 0, at
        while parents[above] >= 0:
            depth += not skin[above]
            above = parents[above]
        joints.append(
            Joint(
                parent=parent,
                hinge=to_unit((middle + 0.5) * _COARSE),
                contact=float(touch.sum() / max(areas[at], 1)),
                depth=depth,
                area=areas[at] / masks[at].size,
                is_skin=skin[at],
            )
        )
    return Puppet(tuple(elements), tuple(joints))


def _coarse_mask(element: Element) -> NDArray[np.bool_]:
    """Return (CANVAS / _COARSE)² bool: what an element covers."""
    side = CANVAS // _COARSE
    mask = np.zeros((side, side), np.uint8)
    coarse = (points / _COARSE for points in to_canvas((*element.contours, *element.lines)))
    shapes = tuple(points.astype(np.float32) for points in coarse)
    if element.contours:
        draw(mask, shapes, 1)
    else:
        cv2.polylines(mask, [ends.astype(np.int32) for ends in shapes], isClosed=False, color=1)
    return mask > 0


def _box_area(mask: NDArray[np.bool_]) -> int:
    """Return the area of a mask's bounding box."""
    rows, columns = np.nonzero(mask)
    return int(np.ptp(rows) + 1) * int(np.ptp(columns) + 1) if len(rows) else 0


def _grown(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the mask and the pixels beside it."""
    return cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0


def _find_parent(at: int, masks: list[NDArray[np.bool_]], areas: list[int]) -> int:
    """Return the larger element that an element touches most; the smallest of several equals."""
    larger = [
        other
        for other in range(len(masks))
        if areas[other] > areas[at] or (areas[other] == areas[at] and other < at)
    ]
    own = _grown(masks[at])
    touch = {other: int((own & masks[other]).sum()) for other in larger}
    most = max(touch.values(), default=0)
    if most == 0:
        return -1
    close = [other for other in larger if touch[other] >= 0.9 * most]
    return min(close, key=lambda other: (areas[other], other))


@dataclass(frozen=True, eq=False)
class Motion:
    """How a puppet moves: every quantity swings on its own, so that no two poses are alike.

    Attributes:
        amplitude: 0 = still, 1 = a pose change.
        swing: (J, 4) angle, x, y and growth of each joint at full swing.
        rhythm: (J, 4, 2) frequency and phase of each.
        body: (6,) turn, nod, bend, squash, sway and tilt of the figure at full swing.
        body_rhythm: (6, 2) frequency and phase.
        waves: (4, 5) of the sway: wave vector, direction and phase.
    """

    amplitude: float
    swing: NDArray[np.float64]
    rhythm: NDArray[np.float64]
    body: NDArray[np.float64]
    body_rhythm: NDArray[np.float64]
    waves: NDArray[np.float64]

    def joint_values(self, time: float) -> NDArray[np.float64]:
        """Return (J, 4) angle, x, y and growth at a time."""
        return self.amplitude * self.swing * _swing(self.rhythm, time)

    def body_values(self, time: float) -> NDArray[np.float64]:
        """Return (6,) turn, nod, bend, squash, sway and tilt at a time."""
        values = self.amplitude * self.body * _swing(self.body_rhythm, time)
        return np.clip(values, -_BODY_LIMITS, _BODY_LIMITS)


def random_motion(puppet: Puppet, amplitude: float, rng: np.random.Generator) -> Motion:
    """Return a motion that suits a puppet's joints."""
    count = len(puppet.joints)
    swing = np.zeros((count, 4))
    shared = rng.normal(0, 0.05, (count + 1, 2))  # details on one thing look the same way
    for at, joint in enumerate(puppet.joints):
        free = 1 - min(joint.contact, 1.0)
        element = puppet.elements[at]
        if joint.is_skin:
            is_line = element.is_ink or not element.contours
            swing[at, 0] = 0.0 if is_line else rng.normal(0, 0.2) * free**2
        elif joint.is_detail:
            reach = min(1.0, 6 * np.sqrt(puppet.joints[joint.parent].area))
            swing[at, 1:3] = (shared[joint.parent] + rng.normal(0, 0.012, 2)) * reach
            swing[at, 0] = rng.normal(0, 0.06)
            swing[at, 3] = rng.normal(0, 0.06)
        elif joint.parent >= 0:
            # a large thing would tear away from where it hangs
            swing[at, 0] = rng.normal(0, 0.5) * free * (1 - min(0.8, 2 * joint.area))
        else:
            swing[at, 1:3] = rng.normal(0, 0.03, 2) if joint.area < 0.3 else 0.0
    rhythm = _random_rhythm((count, 4), rng)
    for at, joint in enumerate(puppet.joints):
        if joint.is_detail:
            rhythm[at, 1:3] = rhythm[joint.parent, 1:3]
    body = rng.normal(0, 1, 6) * _BODY_SWING
    waves = np.concatenate(
        [rng.normal(0, 2.2, (4, 2)), rng.normal(0, 0.7, (4, 2)), rng.uniform(0, 6.3, (4, 1))], 1
    )
    return Motion(amplitude, swing, rhythm, body, _random_rhythm((6,), rng), waves)


def pose_joints(
    puppet: Puppet, motion: Motion, time: float, closed: frozenset[int]
) -> list[Matrix]:
    """Return the (2, 3) matrix of each element at a time; `closed` ones are squeezed shut."""
    values = motion.joint_values(time)
    matrices: dict[int, Matrix] = {-1: np.eye(3)}
    for at in puppet.parents_first():
        joint = puppet.joints[at]
        angle, x, y, growth = values[at]
        cos, sin = np.cos(angle), np.sin(angle)
        scale = np.array([1 + growth, (1 + growth) * (0.25 if at in closed else 1.0)])
        turn = np.array([[cos, -sin], [sin, cos]]) * scale
        local = np.eye(3)
        local[:2, :2] = turn
        local[:2, 2] = joint.hinge - turn @ joint.hinge + (x, y)
        matrices[at] = matrices[joint.parent] @ local
    return [matrices[at][:2] for at in range(len(puppet.joints))]


def bend_points(points: Points, depth: int, motion: Motion, time: float) -> NDArray[np.float64]:
    """Return points moved as parts of the whole figure.

    Args:
        points: (n, 2), units.
        depth: of the joint they belong to; what lies on top moves farther when the figure turns.
        motion: of the puppet.
        time: when.
    """
    turn, nod, bend, squash, sway, tilt = motion.body_values(time)
    x, y = points[:, 0].astype(np.float64), points[:, 1].astype(np.float64)
    bulge = np.clip(1 - 0.8 * x**2 - 0.5 * y**2, 0, 1) * (0.12 + 0.1 * min(depth, 3))
    x, y = x * np.cos(turn) + np.sin(turn) * bulge, y * np.cos(nod) + np.sin(nod) * bulge
    for wave in motion.waves:
        push = sway * np.sin(wave[0] * x + wave[1] * y + wave[4] + 2 * time)
        x, y = x + push * wave[2], y + push * wave[3]
    height = (1 - y) / 2  # 0 at the feet
    x, y = x + bend * height**2 * 2, 1 - (1 - y) * (1 + squash)
    x = x / (1 + squash)
    cos, sin = np.cos(tilt), np.sin(tilt)
    return np.stack([x * cos - y * sin, x * sin + y * cos], axis=1)


def _random_rhythm(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return frequencies and phases, (*shape, 2)."""
    return np.stack([rng.uniform(0.5, 1.6, shape), rng.uniform(0, 2 * np.pi, shape)], axis=-1)


def _swing(rhythm: NDArray[np.float64], time: float) -> NDArray[np.float64]:
    """Return where in [-1, 1] each swing stands."""
    return np.sin(rhythm[..., 0] * time + rhythm[..., 1])
