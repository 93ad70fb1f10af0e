"""The maker of procedural clips: a character by its name, everything else by the seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shiage.data.dataset import Clip
from shiage.data.inking import ink_view, random_style
from shiage.data.maker import ClipSettings
from shiage.data.procedural.body import Skeleton, pose_skeleton
from shiage.data.procedural.colors import color_parts
from shiage.data.procedural.design import Design, build_character, design_character
from shiage.data.procedural.motion import Action, pose_at, random_action, sway_at
from shiage.data.procedural.shapes import Assembly, Floats
from shiage.data.render import Light, render_view
from shiage.data.scene import Camera, Part
from shiage.data.shots import reframe_some

_UNSHADED = ("eye.", "brow.", "mouth.", "blush.", "nose", "mark", "glasses")
_GLOSSY = ("hair", "metal", "shoes", "hat", "leather")


@dataclass(frozen=True)
class ProceduralMaker:
    """Clips of characters that exist only as names.

    Attributes:
        count: how many characters there are.
    """

    count: int

    @property
    def source(self) -> str:
        """Name of the domain."""
        return "procedural"

    @property
    def characters(self) -> Sequence[str]:
        """Names of all characters."""
        return [f"procedural-{at:05d}" for at in range(self.count)]

    def make_clip(self, character: str, seed: int, settings: ClipSettings) -> Clip:
        """Return a clip; any name is a character, also one beyond `count`."""
        rng = np.random.default_rng(seed)
        design = design_character(character)
        action = random_action(rng)
        times = [action.start + action.step * at for at in range(settings.frames)]
        cameras = reframe_some(random_cameras(rng, design, action, times), rng)
        scenes = [
            _assemble(design, action, time, camera, settings.size)
            for time, camera in zip(times, cameras, strict=True)
        ]
        paints = {name: paint for scene in scenes for name, paint in scene.paints.items()}
        parts = color_parts(paints, rng)
        numbers = {part.name: at for at, part in enumerate(parts, start=1)}
        light = random_light(rng, paints, parts)
        style = random_style(rng, settings.size)
        frames = []
        for at, (scene, camera) in enumerate(zip(scenes, cameras, strict=True), start=1):
            view = render_view(scene.mesh(numbers), camera, settings.size, light)
            frames.append(ink_view(f"{at:04d}", view, parts, style, rng))
        return Clip(
            source=self.source,
            license="Apache-2.0 (made by shiage)",
            character=character,
            generator="shiage.data.procedural",
            seed=seed,
            frames=tuple(frames),
        )


def _assemble(design: Design, action: Action, time: float, camera: Camera, size: int) -> Assembly:
    """Return the surfaces of one moment, the eyes more or less on the camera."""
    scene = Assembly(detail=size / camera.span)
    pose = pose_at(action, time)
    turned = camera.yaw - sum(pose.get(f"{bone}.yaw", 0.0) for bone in ("root", "spine", "head"))
    pose["gaze.x"] = float(np.clip(pose["gaze.x"] + np.sin(turned), -1, 1))
    build_character(scene, design, pose, sway_at(action, design.body, time))
    return scene


def random_cameras(
    rng: np.random.Generator, design: Design, action: Action, times: Sequence[float]
) -> list[Camera]:
    """Return a camera for each time: one framing and angle a clip, with a slow drift.

    Args:
        rng: decides.
        design: who is filmed; mostly all of it stays in the picture.
        action: what it does.
        times: of the drawings.
    """
    kind = str(rng.choice(["full", "upper", "face", "crop"], p=[0.45, 0.27, 0.2, 0.08]))
    tall = design.body.heads
    skeletons = [pose_skeleton(design.body, pose_at(action, time)) for time in times]
    middle = np.mean([skeleton.head.origin for skeleton in skeletons], axis=0)
    above = 1.3 if design.extras.hat == "witch" or design.extras.beast == "rabbit" else 0.75
    top = max(skeleton.head.origin[1] for skeleton in skeletons) + above
    yaw = rng.uniform(-np.pi, np.pi) if rng.random() < 0.12 else rng.normal(0, 0.5)
    pitch, roll = rng.normal(0.05, 0.12), rng.normal(0, 0.05)
    aim, span = {
        "full": ([middle[0] * 0.5, top / 2 - 0.05, 0.0], max(top * 1.06, tall * 0.7)),
        "upper": (
            [middle[0], middle[1] - 0.3 * design.body.torso, middle[2]],
            1.7 + design.body.torso * 1.1,
        ),
        "face": ([middle[0], middle[1] + 0.0, middle[2]], rng.uniform(1.35, 1.8)),
        "crop": (
            [middle[0], rng.uniform(0.35, 0.9) * top, 0.0],
            tall * rng.uniform(0.3, 0.6) + 0.5,
        ),
    }[kind]
    follow = kind in ("face", "crop") or rng.random() < 0.3
    shift = rng.normal(0, 0.035, 2) * span
    pan, swing, zoom = rng.normal(0, 0.02, 2) * span, rng.normal(0, 0.12), rng.normal(0, 0.06)
    if rng.random() < 0.5:  # a locked camera
        pan, swing, zoom = pan * 0, 0.0, 0.0
    cameras = []
    for at, skeleton in enumerate(skeletons):
        share = at / max(len(times) - 1, 1) - 0.5
        offset = shift + pan * share + (_wander(skeleton, middle) if follow else 0.0)
        cameras.append(
            Camera(
                target=(float(aim[0] + offset[0]), float(aim[1] + offset[1]), float(aim[2])),
                yaw=float(yaw + swing * share),
                pitch=float(np.clip(pitch, -0.35, 0.5)),
                roll=float(roll),
                span=float(span * (1 + zoom * share)),
                distance=3.5,
            )
        )
    return cameras


def _wander(skeleton: Skeleton, middle: Floats) -> Floats:
    """Return most of how far the head has moved from where it mostly is, right and up, (2,)."""
    moved: Floats = 0.8 * (skeleton.head.origin - middle)[:2]
    return moved


def random_light(
    rng: np.random.Generator, paints: dict[str, str], parts: Sequence[Part]
) -> Light | None:
    """Return a lamp for half of the clips; faces' features are never shaded."""
    if rng.random() < 0.5:
        return None
    shaded = [at for at, part in enumerate(parts, start=1) if not part.name.startswith(_UNSHADED)]
    glossy = [at for at in shaded if paints[parts[at - 1].name].startswith(_GLOSSY)]
    return Light(
        direction=(
            float(rng.uniform(-0.9, 0.9)),
            float(rng.uniform(0.4, 1.2)),
            float(rng.uniform(0.35, 1.0)),
        ),
        shadow_below=float(rng.uniform(-0.15, 0.25)),
        highlight_above=float(rng.uniform(0.93, 0.98)) if rng.random() < 0.6 else 2.0,
        parts=tuple(shaded),
        glossy=tuple(glossy),
    )
