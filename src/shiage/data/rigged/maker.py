"""The rendered domain: rigged characters of GLB files, posed, recolored and drawn.

The files are no part of shiage: `characters.json` tells where a user gets each of them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shiage.data.dataset import Clip, split_of
from shiage.data.inking import ink_view, random_style
from shiage.data.maker import ClipSettings
from shiage.data.render import Light, render_view
from shiage.data.rigged.gltf import load_rig
from shiage.data.rigged.motion import borrow, plain_name, pose_shape, random_poses, random_tempo
from shiage.data.rigged.paint import hide_things, paint_parts
from shiage.data.rigged.parts import Partition, find_parts
from shiage.data.rigged.rig import Floats, Motion, Rig
from shiage.data.rigged.shape import Shape, smooth
from shiage.data.scene import Camera, Mesh, Part
from shiage.data.shots import reframe_some
from shiage.errors import DatasetError

CACHED_RIGS = 24

_CONVERSION = re.compile(r"\b(converted|decoded|re-bound|joined)\b")
"""How notes tell that a file is not as its repository has it."""

_CROWDED = 0.08
"""Share of clips that show several characters."""


@dataclass(frozen=True)
class RiggedFile:
    """A row of the manifest.

    Attributes:
        file: its name in the assets' folder.
        character: whom it shows; files that show nearly the same share one.
        author: who made it.
        license: of the file.
        repository: where a user gets it, "owner/name" on GitHub.
        path: in the repository.
        commit: at which it was there.
        note: what was done to it since, and where its license stands.
        sha256: of the file.
        motions_from: files whose motions fit it and which have some that it lacks.
    """

    file: str
    character: str
    author: str
    license: str
    repository: str
    path: str
    commit: str
    note: str
    sha256: str
    motions_from: tuple[str, ...] = ()


@dataclass(frozen=True)
class RiggedMaker:
    """Makes clips of the characters found in a folder; the others of the manifest are left out.

    Attributes:
        assets: folder with GLB files of the manifest.
        manifest: what may lie there.
        found: rows whose file does.

    Raises:
        DatasetError: the folder holds none of them.
    """

    assets: Path
    manifest: tuple[RiggedFile, ...] = field(default_factory=lambda: read_manifest(), repr=False)
    found: tuple[RiggedFile, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        found = tuple(row for row in self.manifest if (self.assets / row.file).is_file())
        if not found:
            raise DatasetError(
                "holds no rigged character that shiage knows",
                path=self.assets,
                expected=f"some of the {len(self.manifest)} files of characters.json",
                action="That list says where to get each",
            )
        object.__setattr__(self, "found", found)

    @property
    def source(self) -> str:
        """Name of the domain."""
        return "rendered"

    @property
    def characters(self) -> Sequence[str]:
        """Names of the characters found, sorted; each as often as it has files, to use them all."""
        return sorted(row.character for row in self.found)

    def make_clip(self, character: str, seed: int, settings: ClipSettings) -> Clip:
        """Return a clip of `character`.

        Raises:
            DatasetError: there is no such character, or its file is damaged or another one.
        """
        digest = hashlib.sha256(character.encode()).digest()
        rng = np.random.default_rng([seed, int.from_bytes(digest[:8])])
        cast = self._choose_cast(character, rng)
        actors = [self._dress(row, place, len(cast), rng) for place, row in enumerate(cast)]
        meshes, parts = _act(actors, settings.frames, rng)
        cameras = reframe_some(_random_cameras(meshes, rng), rng)
        style = random_style(rng, settings.size)
        light = _random_light(parts, rng)
        frames = []
        for number, (mesh, camera) in enumerate(zip(meshes, cameras, strict=True), start=1):
            view = render_view(mesh, camera, settings.size, light)
            frames.append(ink_view(f"{number:04}", view, parts, style, rng))
        licenses = " + ".join(sorted({row.license for row in cast}))
        authors = ", ".join(sorted({row.author for row in cast}))
        return Clip(
            source=self.source,
            license=f"{licenses} ({authors})",
            character=character,
            generator="shiage data make rendered",
            seed=seed,
            frames=tuple(frames),
        )

    def _choose_cast(self, character: str, rng: np.random.Generator) -> list[RiggedFile]:
        """Return whom the clip shows: the character, and sometimes others of its split."""
        ours = [row for row in self.found if row.character == character]
        if not ours:
            raise DatasetError(f"no character {character!r}", path=self.assets)
        cast = [ours[int(rng.integers(len(ours)))]]
        others = [
            row
            for row in self.found
            if row.character != character and split_of(row.character) == split_of(character)
        ]
        if others and rng.random() < _CROWDED:
            count = min(int(rng.integers(1, 3)), len(others))
            cast += [others[int(at)] for at in rng.choice(len(others), count, replace=False)]
        return cast

    def _dress(self, row: RiggedFile, place: int, cast: int, rng: np.random.Generator) -> _Actor:
        """Return one of the cast, with its colors and place."""
        model = _load_model(self.assets, row, self.manifest)
        shown = hide_things(model.rig, model.partition, rng)
        prefix = f"{row.file.removesuffix('.glb')}.{place}/" if cast > 1 else ""
        parts = paint_parts(model.partition, rng)
        parts = tuple(replace(part, name=prefix + part.name) for part in parts)
        offset = (0.0, 0.0, 0.0)
        turn = 0.0
        if cast > 1:
            offset = ((place - (cast - 1) / 2) * rng.uniform(0.45, 0.8), 0.0, rng.normal(0, 0.25))
            turn = rng.normal(0, 0.6)
        return _Actor(model, shown, parts, offset, turn)


@dataclass(frozen=True, eq=False)
class _Model:
    """A file ready to act: `scale` makes it one unit tall."""

    rig: Rig
    partition: Partition
    shape: Shape
    motions: tuple[Motion, ...]
    scale: float


@dataclass(frozen=True, eq=False)
class _Actor:
    """A model in one clip; `shown` tells which of its parts are."""

    model: _Model
    shown: NDArray[np.bool_]
    parts: tuple[Part, ...]
    offset: tuple[float, float, float]
    turn: float


def read_manifest() -> tuple[RiggedFile, ...]:
    """Return all rigged characters that shiage knows.

    Their splits, which the file tells for its readers' sake, follow from the characters' names.
    """
    text = resources.files("shiage.data.rigged").joinpath("characters.json").read_text("utf-8")
    rows = [{k: v for k, v in row.items() if k != "split"} for row in json.loads(text)]
    return tuple(RiggedFile(**row | {"motions_from": tuple(row["motions_from"])}) for row in rows)


@lru_cache(maxsize=CACHED_RIGS)
def _load_model(assets: Path, row: RiggedFile, manifest: tuple[RiggedFile, ...]) -> _Model:
    """Return a character, checked against the manifest."""
    rig = _load_checked(assets, row)
    motions = list(rig.motions)
    known = {plain_name(motion) for motion in motions}
    for giver in manifest:
        if giver.file in row.motions_from and (assets / giver.file).is_file():
            other = _load_checked(assets, giver)
            fresh = [motion for motion in other.motions if plain_name(motion) not in known]
            motions += [borrow(motion, other.skeleton, rig.skeleton) for motion in fresh]
    height = float(np.percentile(rig.vertices[:, 1], 99.5) - rig.vertices[:, 1].min())
    width = float(np.ptp(rig.vertices[:, [0, 2]], axis=0).max())
    scale = 1 / max(height, 0.45 * width)
    return _Model(rig, find_parts(rig), smooth(rig), tuple(motions), scale)


def _load_checked(assets: Path, row: RiggedFile) -> Rig:
    path = assets / row.file
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise DatasetError(f"cannot be read ({error.strerror})", path=path) from error
    if found != row.sha256:
        action = "Get it from there, or remove it"
        if _CONVERSION.search(row.note):
            action += "; a fresh download must be converted as described there"
        raise DatasetError(
            f"is another file (sha256 {found[:12]}…)",
            path=path,
            expected=f"{row.sha256[:12]}…, {row.repository}/{row.path} at {row.commit} {row.note}",
            action=action,
        )
    return load_rig(path)


def _act(
    actors: Sequence[_Actor], frames: int, rng: np.random.Generator
) -> tuple[list[Mesh], list[Part]]:
    """Return the posed triangles of each frame, all actors together, and their parts."""
    tempo = random_tempo(rng)
    played = [
        random_poses(actor.model.rig, actor.model.motions, frames, tempo, rng) for actor in actors
    ]
    triangles, numbers, first = [], [], 0
    parts: list[Part] = []
    for actor in actors:
        shape, partition = actor.model.shape, actor.model.partition
        part = partition.part_of[shape.origins]
        shown = actor.shown[part]
        triangles.append(shape.triangles[shown] + np.int32(first))
        numbers.append((part[shown] + 1 + len(parts)).astype(np.int32))
        parts += actor.parts
        first += len(shape.vertices)
    meshes = []
    for moment in zip(*played, strict=True):
        placed = [
            _place(actor, *pose_shape(actor.model.rig, actor.model.shape, pose))
            for actor, pose in zip(actors, moment, strict=True)
        ]
        meshes.append(
            Mesh(
                vertices=np.concatenate([vertices for vertices, _ in placed]),
                normals=np.concatenate([normals for _, normals in placed]),
                triangles=np.concatenate(triangles),
                parts=np.concatenate(numbers),
            )
        )
    return meshes, parts


def _place(actor: _Actor, vertices: Floats, normals: Floats) -> tuple[Floats, Floats]:
    """Return an actor's vertices and normals, scaled, turned and moved to its place."""
    cos, sin = np.cos(actor.turn), np.sin(actor.turn)
    turn = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]], np.float32)
    offset = np.array(actor.offset, np.float32)
    placed = vertices @ turn.T * np.float32(actor.model.scale) + offset
    return placed.astype(np.float32), (normals @ turn.T).astype(np.float32)


def _random_cameras(meshes: Sequence[Mesh], rng: np.random.Generator) -> list[Camera]:
    """Return a camera for each frame: mostly still, mostly from the front, at times close."""
    boxes = np.array([_box(mesh) for mesh in meshes], np.float64)
    low, high = np.median(boxes, axis=0)
    sides = high - low
    yaw = rng.normal(0, 0.55) if rng.random() < 0.75 else rng.uniform(-np.pi, np.pi)
    width = sides[0] * abs(np.cos(yaw)) + sides[2] * abs(np.sin(yaw))
    size = float(max(sides[1], 0.85 * width))
    close = rng.random() < 0.3
    span = size * (rng.uniform(0.55, 0.85) if close else rng.uniform(1.02, 1.4))
    target = (low + high) / 2 + rng.normal(0, 0.06, 3) * size * [1, 1, 0]
    if close:  # faces are at the top
        target[1] += sides[1] * rng.uniform(0.0, 0.3)
    pitch, roll = np.clip(rng.normal(0.08, 0.16), -0.5, 0.8), rng.normal(0, 0.03)
    drift = rng.normal(size=5) * [0.12, 0.04, 0.04, 0.05, 0.05] * (rng.random() < 0.4)
    distance = rng.uniform(2.0, 5.0)
    # The camera follows whoever is about to leave the picture.
    strayed = boxes.mean(axis=1) - (low + high) / 2
    follow = strayed - np.clip(strayed, -0.25 * span, 0.25 * span)
    cameras = []
    for way, step in zip(np.linspace(0, 1, len(meshes)), follow, strict=True):
        x, y, z = target + step + np.array([drift[2], drift[3], 0]) * way * size
        cameras.append(
            Camera(
                target=(float(x), float(y), float(z)),
                yaw=float(yaw + drift[0] * way),
                pitch=float(pitch + drift[1] * way),
                roll=float(roll),
                span=float(span * (1 + drift[4] * way)),
                distance=float(distance),
            )
        )
    return cameras


def _box(mesh: Mesh) -> tuple[Floats, Floats]:
    """Return the lowest and highest corner of what is shown; every fifth triangle tells enough."""
    seen = mesh.vertices[mesh.triangles[::5, 0]]
    return seen.min(axis=0), seen.max(axis=0)


def _random_light(parts: Sequence[Part], rng: np.random.Generator) -> Light | None:
    """Return a lamp for about half of the clips: shadows on most parts, glints on a few."""
    if rng.random() < 0.5:
        return None
    shaded = [number for number in range(1, len(parts) + 1) if rng.random() < 0.8]
    glossy = [number for number in shaded if rng.random() < 0.25]
    return Light(
        direction=(float(rng.normal(0, 0.7)), float(rng.uniform(0.3, 1)), float(rng.uniform(0, 1))),
        shadow_below=float(rng.uniform(-0.1, 0.25)),
        highlight_above=float(rng.uniform(0.93, 0.98)) if rng.random() < 0.4 else 2.0,
        parts=tuple(shaded),
        glossy=tuple(glossy),
    )
