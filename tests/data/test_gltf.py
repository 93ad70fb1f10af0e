"""GLB files: read, posed, made round, parted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shiage.data.rigged.gltf import load_rig
from shiage.data.rigged.motion import agree, borrow, pose_shape
from shiage.data.rigged.parts import find_parts
from shiage.data.rigged.rig import Rig
from shiage.data.rigged.shape import corner_normals, smooth
from shiage.errors import DatasetError
from tests.data.rigs import tiny_glb


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Rig:
    path = tmp_path_factory.mktemp("rig") / "tiny.glb"
    path.write_bytes(tiny_glb())
    return load_rig(path)


def test_everything_in_the_file_is_read(rig: Rig) -> None:
    assert rig.skeleton.names[:3] == ("Root", "Body", "Arm.L")
    assert rig.skeleton.parents[:3].tolist() == [-1, 0, 1]
    assert rig.mesh_names == ("Figure", "Sword", "Axe")
    assert rig.mounts == ("", "Arm.L", "Arm.L")
    assert rig.material_names == ("Skin", "Shirt", "Boots", "Atlas", "Steel")
    np.testing.assert_allclose(rig.weights.sum(axis=1), 1, atol=1e-6)
    assert [(motion.name, motion.seconds) for motion in rig.motions] == [("Armature|Bow", 1.0)]


def test_colors_are_srgb_and_come_from_the_texture(rig: Rig) -> None:
    def color(material: int) -> list[int]:
        shades = np.unique(rig.colors[rig.materials == material], axis=0)
        assert len(shades) == 1
        return [int(channel) for channel in shades[0]]

    assert color(0) == [255, 188, 0]  # half the light is 188 of 255
    assert color(3) == [30, 30, 220]


def test_the_rest_pose_leaves_vertices_where_they_are(rig: Rig) -> None:
    shape = smooth(rig)
    vertices, normals = pose_shape(rig, shape, rig.skeleton.rest)
    np.testing.assert_allclose(vertices, shape.vertices, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-5)


def test_a_motion_turns_what_hangs_on_the_joint(rig: Rig) -> None:
    shape = smooth(rig)
    rest = shape.vertices
    moved, _ = pose_shape(rig, shape, rig.motions[0].sample(rig.skeleton.rest, 1.0))
    mesh = rig.meshes[shape.origins]
    sword = np.unique(shape.triangles[mesh == 1])
    x, y, z = rest[sword].T  # a quarter turn about z at (0, 1, 0)
    np.testing.assert_allclose(moved[sword], np.column_stack([1 - y, 1 + x, z]), atol=1e-5)
    feet = np.flatnonzero(rest[:, 1] < 0.9)
    np.testing.assert_allclose(moved[feet], rest[feet], atol=1e-5)


def test_halfway_is_half_the_turn(rig: Rig) -> None:
    pose = rig.motions[0].sample(rig.skeleton.rest, 0.5)
    np.testing.assert_allclose(pose.rotations[2], [0, 0, np.sin(np.pi / 8), np.cos(np.pi / 8)])


def test_a_tube_becomes_round_and_has_no_cracks(rig: Rig) -> None:
    shape = smooth(rig)
    assert len(shape.triangles) > 2 * len(rig.triangles)
    skin = rig.materials[shape.origins] == 0
    points = shape.vertices[shape.triangles[skin]]
    middles = points.mean(axis=1)
    radii = np.hypot(middles[:, 0], middles[:, 2])
    assert radii.min() > 0.985 * 0.3  # the octagon's sides are at 0.924
    # Edges of one triangle alone are those at the tube's two ends.
    places = np.round(points, 4)
    _, ids = np.unique(places.reshape(-1, 3), axis=0, return_inverse=True)
    corners = ids.reshape(-1, 3)
    pairs = np.sort(np.stack([corners, np.roll(corners, -1, axis=1)], axis=2).reshape(-1, 2))
    edges, counts = np.unique(pairs, axis=0, return_counts=True)
    heights = np.zeros(ids.max() + 1)
    heights[ids.ravel()] = places.reshape(-1, 3)[:, 1]
    open_heights = heights[edges[counts == 1]]
    assert np.isin(open_heights, [0, 1]).all()


def test_triangles_stay_below_the_limit(rig: Rig) -> None:
    assert len(smooth(rig, limit=300).triangles) <= 300


@pytest.mark.parametrize(("degrees", "smooth_there"), [(20, True), (50, True), (75, False)])
def test_sharp_edges_stay_sharp(degrees: float, smooth_there: bool) -> None:
    away = np.radians(degrees)
    folded = (0.5, -np.cos(away), -np.sin(away))
    points = np.array([(0, 0, 0), (1, 0, 0), (0, 1, 0), folded])
    normals = corner_normals(points, np.array([(0, 1, 2), (1, 0, 3)]))
    assert np.allclose(normals[0, 0], normals[1, 1]) == smooth_there


def test_parts_are_paint_side_and_thing(rig: Rig) -> None:
    partition = find_parts(rig)
    names = {part.name for part in partition.parts}
    assert {"Skin", "Shirt", "Boots.left", "Boots.right", "blue"} <= names
    assert sum(part.paint == "Steel" for part in partition.parts) == 2
    assert len(names) == len(partition.parts)
    left = [part.name for part in partition.parts].index("Boots.left")
    assert rig.vertices[rig.triangles[partition.part_of == left]][..., 0].min() > 0


def test_motions_are_shared_by_joint_names(rig: Rig) -> None:
    assert agree(rig, rig)
    borrowed = borrow(rig.motions[0], rig.skeleton, rig.skeleton)
    assert [channel.node for channel in borrowed.channels] == [2]


def test_rigs_of_other_rest_poses_do_not_agree(tmp_path: Path, rig: Rig) -> None:
    nodes = [
        {"name": "Root", "children": [1, 3]},
        {"name": "Body", "children": [2]},
        {"name": "Arm.L", "translation": [0, 1, 0], "rotation": [0, 0, 0.2, 0.98]},
        {"name": "Figure", "mesh": 0, "skin": 0},
    ]
    (tmp_path / "bent.glb").write_bytes(tiny_glb(nodes=nodes))
    assert not agree(rig, load_rig(tmp_path / "bent.glb"))


@pytest.mark.parametrize(
    "content",
    [b"", b"glTF", b"PK\x03\x04" + b"\0" * 40, tiny_glb()[:2000], tiny_glb()[:-3000]],
    ids=["empty", "short", "zip", "cut in the text", "cut in the data"],
)
def test_damaged_files_are_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.glb"
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=r"broken\.glb.*expected a GLB"):
        load_rig(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"nowhere\.glb"):
        load_rig(tmp_path / "nowhere.glb")


def test_a_file_without_triangles_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.glb"
    path.write_bytes(tiny_glb(nodes=[{"name": "Root"}]))
    with pytest.raises(DatasetError, match="no triangles"):
        load_rig(path)
