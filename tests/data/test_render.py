"""Rendering: ids, framing, creases, folds, tones."""

import numpy as np
import pytest
import trimesh

from shiage.data.render import Light, render_view
from shiage.data.scene import HIGHLIGHT, LIT, SHADOW, SUPERSAMPLE, Camera, Mesh
from tests.data.scenes import ball, box, join

FRONT = Camera((0, 0, 0), span=2.0, distance=50.0)


def test_ball_covers_its_circle() -> None:
    view = render_view(join((ball(0.5, (0, 0, 0)), 1)), FRONT, 128)
    side = 128 * SUPERSAMPLE
    assert view.parts.shape == (side, side)
    assert (view.parts == 1).sum() == pytest.approx(np.pi * (side / 4) ** 2, rel=0.01)
    y, x = np.nonzero(view.parts)
    assert x.mean() == pytest.approx(side / 2 - 0.5, abs=0.5)
    assert y.mean() == pytest.approx(side / 2 - 0.5, abs=0.5)


def test_the_nearer_part_hides_the_other() -> None:
    mesh = join((ball(0.5, (0, 0, 0)), 1), (ball(0.2, (0, 0, 0.6)), 2))
    middle = 64 * SUPERSAMPLE
    assert render_view(mesh, FRONT, 128).parts[middle, middle] == 2
    behind = Camera((0, 0, 0), yaw=np.pi, span=2.0, distance=50.0)
    assert render_view(mesh, behind, 128).parts[middle, middle] == 1


@pytest.mark.parametrize(
    ("camera", "place"),
    [
        (FRONT, (1, -1)),  # (right, up)
        (Camera((0, 0, 0), yaw=np.pi, span=2.0, distance=50.0), (-1, -1)),
        (Camera((0, 0, 0), roll=np.pi / 2, span=2.0, distance=50.0), (-1, -1)),
        (Camera((0, 0, 0), roll=np.pi, span=2.0, distance=50.0), (-1, 1)),
    ],
)
def test_camera_axes(camera: Camera, place: tuple[int, int]) -> None:
    view = render_view(join((ball(0.1, (0.5, -0.5, 0)), 1)), camera, 64)
    y, x = np.nonzero(view.parts)
    middle = 32 * SUPERSAMPLE
    assert (np.sign(x.mean() - middle), np.sign(middle - y.mean())) == place


def test_pitch_looks_from_above() -> None:
    mesh = join((ball(0.3, (0, 0, 0)), 1), (ball(0.3, (0, 1, 0)), 2))
    above = Camera((0, 0, 0), pitch=np.pi / 2 - 0.01, span=2.0)
    middle = 32 * SUPERSAMPLE
    assert render_view(mesh, above, 64).parts[middle, middle] == 2


def test_subject_partly_out_of_the_picture() -> None:
    view = render_view(join((ball(0.5, (1.0, 0, 0)), 1)), FRONT, 64)
    assert view.parts[:, -1].any()
    assert not view.parts[:, 0].any()


def test_nothing_in_the_picture() -> None:
    away = render_view(join((ball(0.5, (9, 0, 0)), 1)), FRONT, 32)
    assert not away.parts.any()
    none = Mesh(
        np.zeros((0, 3), np.float32),
        np.zeros((0, 3), np.float32),
        np.zeros((0, 3), np.int32),
        np.zeros(0, np.int32),
    )
    assert not render_view(none, FRONT, 32).parts.any()


def test_camera_inside_the_subject() -> None:
    view = render_view(join((ball(20, (0, 0, 0)), 1)), FRONT, 32)
    assert (view.parts == 1).all()


def test_hard_edges_get_strokes_and_smooth_bodies_none() -> None:
    corner = Camera((0, 0, 0), yaw=0.7, pitch=0.5, span=3.0)
    edges = render_view(join((box(1, (0, 0, 0)), 1)), corner, 128).strokes
    assert edges.sum() > 128  # three edges meet in the corner that faces the camera
    smooth = render_view(join((ball(0.8, (0, 0, 0)), 1)), corner, 128).strokes
    assert not smooth.any()


def test_a_part_before_itself_gets_a_stroke() -> None:
    two = join((ball(0.6, (0, 0, 0)), 1), (ball(0.2, (0, 0, 1.5)), 1))
    strokes = render_view(two, FRONT, 128).strokes
    assert strokes.sum() > 0.8 * 2 * np.pi * 0.1 * 128 * SUPERSAMPLE


def test_light_from_the_left_shades_the_right() -> None:
    mesh = join((ball(0.6, (0, 0, 0)), 1))
    light = Light((-1, 0, 0.3), shadow_below=0.1, highlight_above=0.95)
    view = render_view(mesh, FRONT, 128, light)
    columns = {tone: np.nonzero(view.shade == tone)[1].mean() for tone in (SHADOW, HIGHLIGHT)}
    middle = 64 * SUPERSAMPLE
    assert columns[HIGHLIGHT] < middle < columns[SHADOW]
    assert (view.shade[view.parts == 0] == LIT).all()


def test_only_named_parts_are_shaded() -> None:
    mesh = join((ball(0.4, (-0.5, 0, 0)), 1), (ball(0.4, (0.5, 0, 0)), 2))
    view = render_view(mesh, FRONT, 128, Light((-1, 0, 0.3), parts=(2,)))
    assert set(view.parts[view.shade == SHADOW].tolist()) == {2}


def test_specks_of_shadow_are_not_drawn() -> None:
    mesh = join((ball(0.6, (0, 0, 0)), 1), (ball(0.02, (0, 0, 0.9)), 2))
    view = render_view(mesh, FRONT, 128, Light((-1, 0, 0.3)))
    assert not (view.shade[view.parts == 2] != LIT).any()


def test_same_arguments_same_view() -> None:
    mesh = join((ball(0.5, (0, 0, 0)), 1), (box(0.5, (0.3, 0, 0.5)), 2))
    first, second = (render_view(mesh, FRONT, 96, Light()) for _ in range(2))
    assert (first.parts == second.parts).all()
    assert (first.shade == second.shade).all()
    assert (first.strokes == second.strokes).all()


def test_mesh_tells_what_is_wrong() -> None:
    body = trimesh.creation.icosphere(1)
    with pytest.raises(ValueError, match="parts: expected"):
        Mesh(
            body.vertices.astype(np.float32),
            body.vertex_normals.astype(np.float32),
            body.faces.astype(np.int32),
            np.ones(3, np.int32),
        )
