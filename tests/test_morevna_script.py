"""The Morevna script without synfig: recolored rigs, and poses."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from scripts.make_morevna_clips import SHOTS, Pose, Recoloring, between, key_pose, posed, rest_pose
from scripts.make_morevna_clips import _code as code
from scripts.make_morevna_clips import _decode as decode
from scripts.make_morevna_clips import _to_rgb as to_rgb


def layer(kind: str, color: str = "", amount: str = "1", desc: str = "", inner: str = "") -> str:
    red, green, blue = color.split() if color else ("0", "0", "0")
    return f"""<layer type="{kind}" desc="{desc}">
        <param name="amount"><real value="{amount}"/></param>
        <param name="color"><color><r>{red}</r><g>{green}</g><b>{blue}</b><a>1</a></color></param>
        {inner}</layer>"""


def group(desc: str, *layers: str, amount: str = "1") -> str:
    inner = f'<param name="canvas"><canvas>{"".join(layers)}</canvas></param>'
    return layer("group", amount=amount, desc=desc, inner=inner)


def link(desc: str, file: str) -> str:
    return layer("PasteCanvas", desc=desc, inner=f'<param name="canvas" use="{file}#"/>')


def recolor(folder: Path, *layers: str) -> Recoloring:
    """Recolor a rig of those layers, and a hand beside it."""
    source, target = folder / "rig", folder / "out"
    (source / "resources").mkdir(parents=True)
    target.mkdir()
    text = '<canvas><defs><angle id="(stk)-head-t" value="3"/></defs>{}</canvas>'
    (source / "rig.sif").write_text(text.format("".join(layers)), encoding="utf-8")
    (source / "resources/hand.sif").write_text(
        f"<canvas>{layer('region', '1 0 0')}</canvas>", encoding="utf-8"
    )
    return Recoloring(source / "rig.sif", target)


def colors_of(root: ET.Element) -> list[tuple[float, ...]]:
    return [
        tuple(round(float(channel.text or 0), 2) for channel in color)[:3]
        for color in root.iter("color")
        if len(color)
    ]


def fills(root: ET.Element) -> list[ET.Element]:
    return [found for found in root.iter("layer") if found.get("type") == "region"]


def test_limb_and_color_make_a_part(tmp_path: Path) -> None:
    white, skin = layer("region", "1 1 1"), layer("region", "1 0.5 0")
    made = recolor(
        tmp_path,
        group("(stk)-arm1", white),
        group("(stk)-forearm1", white, skin),
        group("(stk)-arm2", white),
    )
    skin_rgb = to_rgb((1.0, 0.5, 0.0))
    assert list(made.colors) == [
        ("arm1", (255, 255, 255)),
        ("arm1", skin_rgb),
        ("arm2", (255, 255, 255)),
    ]


def test_marks_tell_lines_and_shadows(tmp_path: Path) -> None:
    made = recolor(
        tmp_path,
        group(
            "(stk)-body",
            layer("region", "1 1 1"),
            layer("outline"),
            group("", layer("region"), amount="0.5"),
        ),
    )
    drawn = [color for color in colors_of(made.trees["marks"]) if any(color)]
    assert drawn == [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0)]
    assert len(fills(made.trees["marks"])) == 2
    assert len(fills(made.trees["parts"])) == 1


def test_linked_files_are_recolored_for_both_uses(tmp_path: Path) -> None:
    made = recolor(tmp_path, group("(stk)-palm1", link("", "resources/hand.sif")))
    assert list(made.colors) == [("palm1", (255, 0, 0))]
    for use in ("parts", "marks"):
        assert (tmp_path / "out" / use / "resources/hand.sif").exists()


def test_handles_of_the_rig_are_not_drawn(tmp_path: Path) -> None:
    made = recolor(tmp_path, group("widget-eyes", layer("region", "1 1 1")), layer("text"))
    assert not made.colors
    assert not list(made.trees["parts"].iter("layer"))


@pytest.mark.parametrize("number", [1, 7, 100, 215])
def test_numbers_survive_the_rendering(number: int) -> None:
    pixels = np.zeros((2, 2, 4), np.uint8)
    pixels[0] = (*to_rgb(code(number)), 255)
    np.testing.assert_array_equal(decode(pixels), [[number, number], [0, 0]])


def test_limbs_keep_their_lengths_and_move_little_by_little() -> None:
    shot = SHOTS["saha-side"]
    rest = {
        **{f"{name}{side}-t": np.array([80.0])
           for name in ("elbow", "wrist", "palm", "hip", "knee", "toe") for side in (1, 2)},
        **{f"{name}{side}-r": np.array([0.7]) for name in ("hip", "knee") for side in (1, 2)},
        **{f"heel{side}": np.array([0.1 * side, -2.2]) for side in (1, 2)},
        "head-t": np.array([0.0]), "body-t": np.array([90.0]), "origin": np.array([0.0, -0.6]),
    }  # fmt: skip

    def thigh(pose: Pose) -> float:
        angles = np.deg2rad([80.0, pose["knee1-t"][0]])
        hip, knee = 0.7 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        return float(np.linalg.norm(pose["origin"] + hip - pose["heel1"] - knee))

    rng = np.random.default_rng(0)
    before, after = key_pose(shot, rest, rng), key_pose(shot, rest, rng)
    assert thigh(before) == pytest.approx(thigh(rest))
    near, far = (
        between(before, after, share)["elbow1-t"] - before["elbow1-t"] for share in (0.1, 1)
    )
    assert 0 < abs(near[0]) < abs(far[0])


def test_a_pose_is_written_into_the_rig(tmp_path: Path) -> None:
    root = recolor(tmp_path, layer("region", "1 1 1")).trees["parts"]
    turned = posed(root, SHOTS["sita"], {"head-t": np.array([12.5])}, 64).getroot()
    assert turned is not None
    assert rest_pose(turned)["head-t"] == 12.5
    assert rest_pose(root)["head-t"] == 3
    assert turned.get("width") == "64"
