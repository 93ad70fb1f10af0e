"""Poses for rigs: from motions of files, with joints turned a little further at random."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from shiage.data.rigged.rig import Channel, Floats, Motion, Pose, Rig, Skeleton
from shiage.data.rigged.shape import Shape

FRAMES_PER_SECOND = 24

_LIMITS = (
    # Joints that may be turned (feet hang on the ground, not on legs, so legs may not), and the
    # standard deviation of the turn, degrees.
    (re.compile(r"ik|pole|control|slot|root|target", re.I), 0.0),
    (re.compile(r"finger|thumb|index|middle|ring|pinky", re.I), 7.0),
    (re.compile(r"tail|ear|wing|lowerarm|forearm", re.I), 12.0),
    (re.compile(r"shoulder|frontleg|backleg", re.I), 4.0),
    (re.compile(r"head|neck|upperarm", re.I), 10.0),
    (re.compile(r"torso|chest|abdomen|spine", re.I), 5.0),
)


@dataclass(frozen=True)
class Tempo:
    """How a clip goes through its motions.

    Attributes:
        step: drawings of 24 a second from one frame of the clip to the next.
        keys: frames are key poses of any motion instead.
    """

    step: float
    keys: bool = False


def random_tempo(rng: np.random.Generator) -> Tempo:
    """Return a tempo: from nearly still, through full animation and threes, to key poses."""
    kind = rng.choice(4, p=[0.25, 0.35, 0.2, 0.2])
    if kind == 3:
        return Tempo(0, keys=True)
    low, high = ((0.3, 1), (1, 2.5), (3, 8))[int(kind)]
    return Tempo(rng.uniform(low, high))


def random_poses(
    rig: Rig, motions: Sequence[Motion], frames: int, tempo: Tempo, rng: np.random.Generator
) -> list[Pose]:
    """Return a pose for each frame of a clip."""
    rest = rig.skeleton.rest
    turns = _random_turns(rig.skeleton, frames, tempo, rng)
    poses = []
    if motions and not tempo.keys:
        motion = motions[int(rng.integers(len(motions)))]
        start = rng.uniform(0, motion.seconds)
        seconds = start + np.arange(frames) * tempo.step / FRAMES_PER_SECOND
        # There and back again, so that no loop that does not close jumps.
        period = max(2 * motion.seconds, 1e-6)
        there = motion.seconds - abs(seconds % period - motion.seconds)
        poses = [motion.sample(rest, float(second)) for second in there]
    elif motions:
        chosen = rng.integers(len(motions), size=frames)
        shares = rng.uniform(size=frames)
        poses = [
            motions[int(m)].sample(rest, float(share * motions[int(m)].seconds))
            for m, share in zip(chosen, shares, strict=True)
        ]
    else:
        poses = [rest.copy() for _ in range(frames)]
    for pose, turn in zip(poses, turns, strict=True):
        turned = Rotation.from_quat(pose.rotations) * Rotation.from_rotvec(turn)
        pose.rotations[:] = turned.as_quat()
    return poses


def pose_shape(rig: Rig, shape: Shape, pose: Pose) -> tuple[Floats, Floats]:
    """Return vertices and normals (V, 3) in a pose, by linear blend skinning."""
    world = rig.skeleton.place(pose)
    matrices = (world[rig.bones] @ rig.inverses)[:, :3].astype(np.float32)
    blended = (shape.weights @ matrices.reshape(-1, 12)).reshape(-1, 3, 4)
    vertices = (blended[..., :3] @ shape.vertices[..., None])[..., 0] + blended[..., 3]
    normals = (blended[..., :3] @ shape.normals[..., None])[..., 0]
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    return vertices, normals


def agree(one: Rig, other: Rig, degrees: float = 8.0, share: float = 0.03) -> bool:
    """Return whether motions of `other` fit `one`: the same joints, alike at rest.

    Args:
        one: whose joints `other` must all have.
        other: the giver.
        degrees: rest rotations may differ by.
        share: rest places may differ by this share of the skeleton's size.
    """
    skeleton, giver = one.skeleton, other.skeleton
    places = {name: node for node, name in enumerate(giver.names)}
    joints = [node for node in set(one.bones.tolist()) if skeleton.names[node] in places]
    if len(joints) < len(set(one.bones.tolist())):
        return False
    nodes = [places[skeleton.names[node]] for node in joints]
    cosines = abs((skeleton.rest.rotations[joints] * giver.rest.rotations[nodes]).sum(axis=1))
    if np.degrees(2 * np.arccos(np.clip(cosines, 0, 1))).max() > degrees:
        return False
    ours = skeleton.place(skeleton.rest)[joints][:, :3, 3]
    theirs = giver.place(giver.rest)[nodes][:, :3, 3]
    apart = np.linalg.norm(ours - theirs, axis=1).max()
    return bool(apart <= share * np.ptp(ours, axis=0).max())


def borrow(motion: Motion, giver: Skeleton, taker: Skeleton) -> Motion:
    """Return a motion for another skeleton that agrees, joints found by their names."""
    places = {name: node for node, name in enumerate(taker.names)}
    channels = tuple(
        Channel(places[name], channel.path, channel.times, channel.values, channel.stepped)
        for channel in motion.channels
        if (name := giver.names[channel.node]) in places
    )
    return Motion(motion.name, motion.seconds, channels)


def plain_name(motion: Motion) -> str:
    """Return a motion's name without its armature's."""
    return motion.name.split("|")[-1]


def _random_turns(
    skeleton: Skeleton, frames: int, tempo: Tempo, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return turns as rotation vectors (frames, N, 3), changing as fast as the tempo is."""
    spread = np.radians([_limit(name) for name in skeleton.names])[:, None]
    keys = frames if tempo.keys else 2
    goals = np.clip(rng.normal(size=(keys, len(spread), 3)), -2, 2) * spread
    if tempo.keys:
        return goals
    way = min(1.0, 0.04 * tempo.step * frames) * np.linspace(0, 1, frames)
    turns: NDArray[np.float64] = goals[0] + way[:, None, None] * (goals[1] - goals[0])
    return turns


def _limit(name: str) -> float:
    return next((degrees for pattern, degrees in _LIMITS if pattern.search(name)), 0.0)
