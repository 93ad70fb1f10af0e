import pickle
from pathlib import Path

import numpy as np
import pytest

from shiage.data.dataset import split_of
from shiage.data.maker import ClipSettings
from shiage.data.scene import SHADOW
from shiage.data.vector.library import LARGE_FAMILY, list_pictures, name_family, read_sources
from shiage.data.vector.maker import VectorMaker, paint_view
from shiage.data.vector.puppet import build_puppet, pose_joints, random_motion
from shiage.data.vector.scenery import stage_figures
from shiage.data.vector.svg import read_svg
from shiage.data.vector.thinning import centerline
from shiage.errors import DatasetError

LICENSES = ("MIT", "Apache-2.0", "CC0-1.0", "CC-BY-4.0")

CAT = """
  <path fill="#c80" d="M20 40 L30 5 L45 30 Z"/> <path fill="#c80" d="M80 40 L70 5 L55 30 Z"/>
  <circle cx="50" cy="55" r="35" fill="#fa0"/>
  <circle cx="37" cy="50" r="7" fill="#fff"/> <circle cx="63" cy="50" r="7" fill="#fff"/>
  <circle cx="37" cy="50" r="3" fill="#036"/> <circle cx="63" cy="50" r="3" fill="#036"/>
  <path fill="#d36" d="M45 65 L55 65 L50 72 Z"/>
"""


def svg(body: str) -> str:
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f'<svg {spaces} viewBox="0 0 100 100">{body}</svg>'


@pytest.fixture
def art(tmp_path: Path) -> Path:
    folder = tmp_path / "art" / "cats"
    folder.mkdir(parents=True)
    for name in ("one", "two"):
        (folder / f"{name}.svg").write_text(svg(CAT))
    return folder.parent


FRAME = '<path fill="#eee" d="M0 0H100V100H0Z"/>'


@pytest.mark.parametrize(
    ("body", "box"),
    [
        ('<rect x="10" y="10" width="20" height="30" fill="red"/>', (10, 10, 30, 40)),
        ('<g transform="translate(40 0) scale(2)"><rect width="9" height="5" fill="red"/></g>',
         (40, 0, 58, 10)),
        ('<defs><rect id="a" width="10" height="10" fill="red"/></defs>'
         '<use xlink:href="#a" x="20" y="50"/>', (20, 50, 30, 60)),
        ('<defs><rect id="a" width="10" height="10" fill="red"/></defs>'
         '<use href="#a" x="20" y="50"/>', (20, 50, 30, 60)),
        ('<path d="M20 50 H80" stroke="red" stroke-width="10px"/>', (20, 45, 80, 55)),
        ('<path d="M50 30 A20 20 0 0 1 50 70 A20 20 0 0 1 50 30" fill="red"/>', (30, 30, 70, 70)),
        ('<g style="fill:red"><circle cx="50" cy="50" r="20"/></g>', (30, 30, 70, 70)),
    ],
)  # fmt: skip
def test_shapes_lie_where_the_picture_has_them(
    body: str, box: tuple[float, float, float, float]
) -> None:
    _, element = read_svg(svg(FRAME + body))
    points = (element.contours[0] + 1) * 50
    found = (*points.min(axis=0), *points.max(axis=0))
    assert found == pytest.approx(box, abs=0.3)
    assert element.color == (255, 0, 0)


@pytest.mark.parametrize("rule", ["evenodd", "nonzero"])
def test_a_hole_belongs_to_its_border(rule: str) -> None:
    inner = "M30 30V70H70V30Z" if rule == "nonzero" else "M30 30H70V70H30Z"
    body = f'<path fill="red" fill-rule="{rule}" d="M10 10H90V90H10Z{inner}"/>'
    (element,) = read_svg(svg(body))
    assert len(element.contours) == 2


def test_pieces_apart_are_elements_of_their_own() -> None:
    elements = read_svg(svg('<path fill="red" d="M0 0H40V40H0Z M60 60H100V100H60Z"/>'))
    assert len(elements) == 2


def test_a_gradient_becomes_its_mean_color() -> None:
    body = """<defs><linearGradient id="g"><stop stop-color="#000"/>
      <stop offset="1" style="stop-color:#fff"/></linearGradient></defs>
      <rect width="100" height="100" fill="url(#g)"/>"""
    assert read_svg(svg(body))[0].color == (128, 128, 128)


def test_translucent_paint_becomes_the_color_it_shows() -> None:
    body = '<rect x="10" y="10" width="50" height="50" fill="#000" opacity=".5"/>'
    _, element = read_svg(svg('<rect width="100" height="100" fill="#f00"/>' + body))
    assert element.color == (128, 0, 0)


@pytest.mark.parametrize(
    "body",
    [
        '<rect x="10" y="10" width="50" height="50" fill="#eee"/>',  # on its own color
        '<rect x="10" y="10" width="50" height="50" fill="none"/>',
        '<rect x="10" y="10" width="50" height="50" fill="red" opacity=".1"/>',
    ],
)
def test_what_cannot_be_seen_is_no_element(body: str) -> None:
    assert len(read_svg(svg(FRAME + body))) == 1


def test_what_is_covered_is_no_element() -> None:
    assert len(read_svg(svg('<circle cx="50" cy="50" r="10" fill="red"/>' + FRAME))) == 1


def test_a_thin_shape_becomes_one_line() -> None:
    body = '<path d="M20 50H80" stroke="#a00" stroke-width=".5" fill="none"/>'
    _, line = read_svg(svg(FRAME + body))
    assert not line.contours
    assert np.ptp(line.lines[..., 0]) == pytest.approx(1.2, abs=0.03)
    assert np.ptp(line.lines[..., 1]) <= 0.01


def test_a_dark_outline_is_ink_and_a_dark_patch_is_paint() -> None:
    outline = '<circle cx="50" cy="50" r="30" fill="none" stroke="#111" stroke-width="2"/>'
    patch = '<circle cx="50" cy="50" r="9" fill="#111"/>'
    _, ring, disk = read_svg(svg(FRAME + outline + patch))
    assert ring.is_ink
    assert not disk.is_ink


@pytest.mark.parametrize("text", ["", "no svg", "<svg", svg('<use xlink:href="#nothing"/>')])
def test_what_is_no_svg_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_svg(text)


def test_center_line_of_a_bar_runs_along_its_middle() -> None:
    mask = np.zeros((20, 40), np.bool_)
    mask[8:13, 5:35] = True
    edges = centerline(mask)
    assert set(np.unique(edges[..., 1])) == {10.0}
    assert np.abs(edges[:, 0] - edges[:, 1]).max() == 1
    assert centerline(np.zeros((5, 5), np.bool_)).shape == (0, 2, 2)


def test_joints_follow_from_contact() -> None:
    puppet = build_puppet(read_svg(svg(CAT)))
    ear, head, eye, pupil = (puppet.joints[at] for at in (0, 2, 3, 5))
    assert head.parent == -1
    assert (ear.parent, ear.is_detail) == (2, False)
    assert (eye.parent, eye.is_detail) == (2, True)
    assert pupil.parent == 3
    assert puppet.followers(3) == {3, 5}
    assert ear.hinge[1] > puppet.elements[0].contours[0][:, 1].mean()  # at the ear's foot
    matrices = pose_joints(
        puppet, random_motion(puppet, 1.0, np.random.default_rng(0)), 1.0, frozenset()
    )
    assert len(matrices) == len(puppet.elements)


def test_later_elements_cover_earlier_ones_and_holes_show_what_lies_below() -> None:
    body = '<path fill="red" fill-rule="evenodd" d="M10 10H90V90H10ZM30 30H70V70H30Z"/>'
    rng = np.random.default_rng(0)
    figures, parts = stage_figures([read_svg(svg(FRAME + body))], 1, rng)
    view = paint_view(figures, 0, 0.0, 128, np.array([0.0, -1.0]))
    ring, plate = len(parts), len(parts) - 1
    assert {ring, plate} <= set(np.unique(view.parts))
    rows, columns = np.nonzero(view.parts == ring)
    assert view.parts[round(rows.mean()), round(columns.mean())] == plate


def test_a_clip_is_the_same_twice_and_knows_its_regions(art: Path) -> None:
    maker = pickle.loads(pickle.dumps(VectorMaker(art)))  # noqa: S301
    settings = ClipSettings(size=160, frames=3)
    assert maker.source == "vector"
    one, again = (maker.make_clip(maker.characters[0], 5, settings) for _ in range(2))
    for frame, twin in zip(one.frames, again.frames, strict=True):
        assert (frame.line == twin.line).all()
        assert (frame.labels == twin.labels).all()
        assert frame.regions == twin.regions
    seen = [set(frame.regions) for frame in one.frames]
    assert len(set.intersection(*seen)) >= 5
    assert len({region for frame in one.frames for region in frame.regions}) > 5
    other = maker.make_clip(maker.characters[0], 6, settings)
    assert (one.frames[0].line != other.frames[0].line).any()


def test_clips_move_shade_and_mix(art: Path) -> None:
    maker = VectorMaker(art)
    clips = [
        maker.make_clip(maker.characters[0], seed, ClipSettings(size=128, frames=2))
        for seed in range(12)
    ]
    regions = [
        {region or "" for frame in clip.frames for region in frame.regions} for clip in clips
    ]
    assert any(name.endswith(".shadow") for names in regions for name in names)
    assert any(name.startswith("b.") for names in regions for name in names)
    assert any((clip.frames[0].line != clip.frames[1].line).any() for clip in clips)


def test_shadows_lie_within_shaded_elements() -> None:
    elements = read_svg(svg(CAT))
    for seed in range(20):
        figures, _ = stage_figures([elements], 1, np.random.default_rng(seed))
        if any(figure.shaded for figure in figures):
            break
    view = paint_view(figures, 0, 0.0, 128, np.array([0.0, -1.0]))
    assert (view.shade == SHADOW).any()
    assert view.parts[view.shade == SHADOW].all()


def test_pictures_of_one_family_share_a_split() -> None:
    for family in (["a", "b", "c"], [str(n) for n in range(LARGE_FAMILY + 1)]):
        named = name_family("set", family)
        assert [name for _, name in named] == family
        assert len({split_of(character) for character, _ in named}) == 1
        assert len({character for character, _ in named}) == len(family)
    assert split_of(named[0][0]) == "train"


def test_a_folder_of_ones_own_has_its_split_by_its_name(art: Path) -> None:
    def names() -> set[str]:
        list_pictures.cache_clear()
        return {name for name in list_pictures(art) if name.startswith("mine2/")}

    folder = art / "mine2"
    folder.mkdir()
    (folder / "m.svg").write_text(svg(CAT))
    (first,) = names()
    for number in range(LARGE_FAMILY + 1):
        (folder / f"{number}.svg").write_text(svg(CAT))
    assert first in names()
    assert len(names()) == LARGE_FAMILY + 2
    assert {split_of(name) for name in names()} == {split_of("mine2")} == {"validation"}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "unknown"),
        (b" \n\n", "unknown"),
        (b"\n\xa9 Ann\nmore", "cats: \ufffd Ann"),
    ],
)
def test_a_license_file_may_hold_anything(art: Path, content: bytes, told: str) -> None:
    (art / "cats" / "LICENSE").write_bytes(content)
    for picture in list_pictures(art).values():
        assert picture.license.startswith(told)


def test_the_manifest_is_sound() -> None:
    for package, source in read_sources().items():
        assert source["license"] in LICENSES
        assert source["credit"]
        assert source.get("version") or source.get("source")
        names = [name for family in source["families"] for name in family]
        assert len(names) == len(set(names)), package
        assert all(source["families"]), package


def test_a_folder_without_art_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no vector art"):
        list_pictures(tmp_path)


def test_a_picture_that_is_not_there_or_damaged_is_told(art: Path) -> None:
    with pytest.raises(DatasetError, match="no picture"):
        VectorMaker(art).make_clip("cats/three", 0, ClipSettings())
    (art / "cats" / "one.svg").write_text("<svg")
    with pytest.raises(DatasetError, match="one: cannot be read"):
        VectorMaker(art).make_clip("cats/one", 0, ClipSettings())
