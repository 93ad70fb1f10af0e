"""Procedural characters: shapes point outwards, designs follow names, clips follow seeds."""

import pickle

import numpy as np
import pytest

from shiage.data.maker import ClipSettings, Maker
from shiage.data.procedural import ProceduralMaker
from shiage.data.procedural.body import pose_skeleton, random_proportions
from shiage.data.procedural.design import build_character, design_character
from shiage.data.procedural.motion import ACTIONS, Action, pose_at, random_action, sway_at
from shiage.data.procedural.shapes import Assembly, ellipsoid, smooth, tube, tube_grid
from shiage.data.scene import Mesh

SMALL = ClipSettings(size=160, frames=2)
STILL = np.zeros(3), np.zeros(3)


def mesh_of(name: str, detail: float = 200.0) -> tuple[Mesh, dict[str, str]]:
    scene = Assembly(detail=detail)
    build_character(scene, design_character(name), {"eye.left": 1.0, "eye.right": 1.0}, STILL)
    numbers = {part: at for at, part in enumerate(sorted(scene.paints), start=1)}
    return scene.mesh(numbers), scene.paints


def normals_agree(mesh: Mesh) -> float:
    """Return the share of triangles whose winding and mean normal point the same way."""
    a, b, c = (mesh.vertices[mesh.triangles[:, at]] for at in range(3))
    faces = np.cross(b - a, c - a)
    means = mesh.normals[mesh.triangles].mean(axis=1)
    large = np.linalg.norm(faces, axis=1) > 1e-7
    return float(((faces * means).sum(axis=1) > 0)[large].mean())


def test_a_smooth_curve_goes_through_its_controls() -> None:
    controls = [0.0, 3.0, 1.0, 5.0]
    assert smooth(controls, 31)[[0, 10, 20, 30]] == pytest.approx(controls)


@pytest.mark.parametrize("down", [False, True])
def test_shapes_point_outwards(down: bool) -> None:
    end = 1.0 if down else -1.0
    path = [[0.0, -end, 0.0], [0.0, 0.0, 0.0], [0.0, end, 0.0]]
    for grid in (ellipsoid([1, 2, 3]), tube_grid(tube(path, [0, 0, 1], [1, 1, 1]))):
        scene = Assembly()
        scene.add("a", "skin", grid)
        mesh = scene.mesh({"a": 1})
        assert ((mesh.normals * mesh.vertices).sum(axis=1) > 0).all()
        assert normals_agree(mesh) == 1.0


def test_a_character_is_a_sound_mesh() -> None:
    mesh, paints = mesh_of("procedural-00031")
    assert np.isfinite(mesh.vertices).all()
    lengths = np.linalg.norm(mesh.normals, axis=1)
    assert (lengths < 1.001).all()
    assert (lengths > 0.99).mean() > 0.97
    assert normals_agree(mesh) > 0.98
    assert set(mesh.parts) == set(range(1, len(paints) + 1))
    assert len(mesh.triangles) < 50_000


def test_names_make_different_characters() -> None:
    seen = {tuple(sorted(mesh_of(f"procedural-{at:05d}")[1])) for at in range(12)}
    assert len(seen) == 12
    one, same = mesh_of("procedural-00003")[0], mesh_of("procedural-00003")[0]
    assert (one.vertices == same.vertices).all()


def test_faces_have_eyes_of_several_regions_and_bangs_of_several_locks() -> None:
    parts = [set(mesh_of(f"procedural-{at:05d}")[1]) for at in range(8)]
    for names in parts:
        assert {"eye.left.white", "eye.right.iris", "eye.left.lash", "head", "hair.cap"} <= names
    assert max(sum(name.startswith("hair.bang.") for name in names) for names in parts) >= 4


def test_closed_eyes_have_only_lashes() -> None:
    scene = Assembly()
    build_character(scene, design_character("procedural-00001"), {"eye.left": 0.0}, STILL)
    assert {name for name in scene.paints if name.startswith("eye.left")} == {"eye.left.lash"}


@pytest.mark.parametrize("name", ACTIONS)
def test_each_action_moves_and_stays_on_the_ground(name: str) -> None:
    rng = np.random.default_rng(5)
    body = random_proportions(rng)
    action = Action(name, rng.uniform(0, 1, 24), random_action(rng).keys, 0.25, 0.0)
    skeletons = [pose_skeleton(body, pose_at(action, time)) for time in np.arange(0, 3, 0.25)]
    heads = np.array([skeleton.head.place([0, 0.2, 0.5]) for skeleton in skeletons])
    assert np.ptp(heads, axis=0).max() > 0.005
    feet = [min(leg.tip.origin[1] for leg in skeleton.legs.values()) for skeleton in skeletons]
    assert min(feet) > 0
    hair, cloth = sway_at(action, body, 1.0)
    assert max(np.linalg.norm(hair), np.linalg.norm(cloth)) <= 0.5


def test_a_clip_is_made_again_by_its_seed() -> None:
    maker: Maker = pickle.loads(pickle.dumps(ProceduralMaker(10)))  # noqa: S301
    assert maker.source == "procedural"
    assert len(maker.characters) == 10
    one, same = (maker.make_clip("procedural-00002", 7, SMALL) for _ in range(2))
    other = maker.make_clip("procedural-00002", 8, SMALL)
    assert [frame.name for frame in one.frames] == ["0001", "0002"]
    for a, b in zip(one.frames, same.frames, strict=True):
        assert (a.line == b.line).all()
        assert (a.color == b.color).all()
        assert a.regions == b.regions
    assert (one.frames[0].color != other.frames[0].color).any()
    assert len(one.frames[0]) > 10
    shared = set(one.frames[0].regions) & set(one.frames[1].regions)
    assert len(shared) > 5
