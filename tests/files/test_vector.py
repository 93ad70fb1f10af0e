"""SVG paths cover exactly the pixels of their segments."""

from __future__ import annotations

import base64
import io
import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image

from shiage.files.vector import encode_svg
from shiage.lines.segments import spread_labels
from shiage.structures import BoolMap, ByteMap, LabelMap

SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"
# Few labels, so that they touch themselves by corners, and not always connected.
LABEL_MAPS = arrays(
    np.int32,
    array_shapes(min_dims=2, max_dims=2, max_side=12),
    elements=st.integers(0, 3),
    fill=st.nothing(),  # or most of the map would be of one value
)

RING = [[1, 1, 1, 1], [1, 0, 0, 1], [1, 0, 0, 1], [1, 1, 1, 1]]
RING_IN_RING = np.pad(np.array(RING), 2, constant_values=2).tolist()


def colors_for(labels: LabelMap) -> ByteMap:
    """Opaque colors, all different."""
    colors = np.full((max(1, labels.max()), 4), 255, np.uint8)
    colors[:, 0] = np.arange(len(colors))
    return colors


def parse(svg: bytes) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own


def paths_of(svg: bytes) -> dict[str, ET.Element]:
    """Return the paths by id, each of which occurs once."""
    paths = list(parse(svg).iter(f"{SVG}path"))
    by_id = {path.attrib["id"]: path for path in paths}
    assert len(by_id) == len(paths)
    return by_id


def loops_of(data: str) -> list[list[tuple[int, int]]]:
    """Return the corners of a path's loops, the first of each repeated at its end."""
    assert re.fullmatch(r"(M\d+ \d+(h-?\d+v-?\d+)+h-?\d+z)+", data)
    loops: list[list[tuple[int, int]]] = []
    for command, numbers in re.findall(r"([Mhvz])([-\d ]*)", data):
        if command == "M":
            x, y = (int(number) for number in numbers.split())
            loops.append([(x, y)])
        elif command == "z":
            loops[-1].append(loops[-1][0])
        else:
            step = int(numbers)
            assert step != 0
            x, y = (x + step, y) if command == "h" else (x, y + step)
            loops[-1].append((x, y))
    return loops


def rasterize(data: str, shape: tuple[int, ...]) -> BoolMap:
    """Even-odd: a pixel is inside if an odd number of upright edges lies to its left."""
    crossed = np.zeros((shape[0], shape[1] + 1), bool)
    for loop in loops_of(data):
        for (x0, y0), (x1, y1) in pairwise(loop):
            assert x0 == x1 or y0 == y1
            if x0 == x1:
                crossed[min(y0, y1) : max(y0, y1), x0] ^= True
    inside: BoolMap = np.logical_xor.accumulate(crossed, axis=1)
    assert not inside[:, -1].any()
    return inside[:, :-1]


def check(labels: LabelMap) -> None:
    """Every pixel of the map is covered by its segment's path and no other."""
    paths = paths_of(encode_svg(labels, colors_for(labels), None))
    assert set(paths) == {f"segment-{label}" for label in np.unique(labels[labels > 0])}
    for name, path in paths.items():
        inside = rasterize(path.attrib["d"], labels.shape)
        assert np.array_equal(inside, labels == int(name.removeprefix("segment-")))


@given(LABEL_MAPS)
def test_any_map(labels: LabelMap) -> None:
    check(labels)


@given(LABEL_MAPS)
def test_spread_fills_reach_under_lines(labels: LabelMap) -> None:
    spread = spread_labels(labels)
    check(spread)
    if labels.any():
        paths = paths_of(encode_svg(spread, colors_for(labels), None))
        covered = [rasterize(path.attrib["d"], labels.shape) for path in paths.values()]
        assert np.array_equal(np.sum(covered, axis=0), np.ones(labels.shape))


@pytest.mark.parametrize(
    ("rows", "loops"),
    [
        ([[1]], {1: 1}),
        ([[0]], {}),
        ([[1, 1, 1], [1, 1, 1]], {1: 1}),
        ([[0, 0, 0], [0, 1, 0], [0, 0, 0]], {1: 1}),
        (RING, {1: 2}),
        (RING_IN_RING, {1: 2, 2: 2}),
        ([[1, 0, 1]], {1: 2}),
        ([[1, 2], [2, 1]], {1: 2, 2: 1}),
        ([[1, 1, 0], [1, 0, 1], [0, 1, 1]], {1: 2}),
        ([[1, 1, 1, 1], [1, 0, 1, 1], [1, 1, 0, 1], [1, 1, 1, 1]], {1: 3}),
    ],
)
def test_loops(rows: list[list[int]], loops: dict[int, int]) -> None:
    labels = np.array(rows, np.int32)
    check(labels)
    paths = paths_of(encode_svg(labels, colors_for(labels), None))
    found = {int(name.split("-")[1]): path.attrib["d"].count("M") for name, path in paths.items()}
    assert found == loops


def test_straight_edges_have_no_corners_between() -> None:
    labels = np.ones((7, 5), np.int32)
    (path,) = paths_of(encode_svg(labels, colors_for(labels), None)).values()
    assert path.attrib["d"] == "M0 0h5v7h-5z"


def test_colors() -> None:
    labels = np.array([[1, 2, 3, 5]], np.int32)
    colors = np.array(
        [(255, 0, 128, 255), (1, 2, 3, 0), (1, 2, 3, 128), (9, 9, 9, 255), (0, 0, 0, 1)], np.uint8
    )
    paths = paths_of(encode_svg(labels, colors, None))
    looks = {name: (p.attrib["fill"], p.get("fill-opacity")) for name, p in paths.items()}
    assert looks == {
        "segment-1": ("#ff0080", None),
        "segment-3": ("#010203", "0.502"),
        "segment-5": ("#000000", "0.004"),
    }


def test_opacity_is_exact_in_8_bits() -> None:
    labels = np.arange(1, 255, dtype=np.int32)[None]
    colors = np.zeros((254, 4), np.uint8)
    colors[:, 3] = labels[0]
    for alpha, path in enumerate(paths_of(encode_svg(labels, colors, None)).values(), start=1):
        assert round(float(path.attrib["fill-opacity"]) * 255) == alpha


def test_document() -> None:
    labels = np.array([[1, 1, 0], [1, 2, 2]], np.int32)
    lines = np.random.default_rng(1).integers(0, 256, (2, 3, 4), np.uint8)
    svg = encode_svg(labels, colors_for(labels), lines)
    root = parse(svg)
    assert root.tag == f"{SVG}svg"
    assert (root.attrib["width"], root.attrib["height"]) == ("3", "2")
    assert root.attrib["viewBox"] == "0 0 3 2"
    fills, image = root
    assert fills.attrib["fill-rule"] == "evenodd"
    assert fills.attrib["shape-rendering"] == "crispEdges"
    assert [path.attrib["id"] for path in fills] == ["segment-1", "segment-2"]
    assert image.tag == f"{SVG}image"
    assert (image.attrib["width"], image.attrib["height"]) == ("3", "2")
    assert image.attrib["image-rendering"] == "pixelated"
    head, data = image.attrib[HREF].split(",")
    assert head == "data:image/png;base64"
    assert np.array_equal(np.array(Image.open(io.BytesIO(base64.b64decode(data)))), lines)


def test_without_lines_there_is_no_image() -> None:
    labels = np.ones((2, 2), np.int32)
    assert b"<image" not in encode_svg(labels, colors_for(labels), None)


def test_same_cel_same_bytes() -> None:
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 9, (30, 40), np.int32)
    lines = rng.integers(0, 256, (30, 40, 4), np.uint8)
    colors = colors_for(labels)
    before = labels.copy(), colors.copy(), lines.copy()
    assert encode_svg(labels, colors, lines) == encode_svg(labels, colors, lines)
    turned = np.asfortranarray(labels)
    assert encode_svg(turned, colors, lines) == encode_svg(labels, colors, lines)
    for now, then in zip((labels, colors, lines), before, strict=True):
        assert np.array_equal(now, then)


@pytest.mark.parametrize(
    ("labels", "colors", "lines", "message"),
    [
        (np.zeros((2, 2), np.int64), np.zeros((0, 4), np.uint8), None, "labels: expected int32"),
        (np.zeros((0, 2), np.int32), np.zeros((0, 4), np.uint8), None, "labels: expected int32"),
        (np.zeros((2, 2), np.int32), np.zeros((1, 3), np.uint8), None, "colors: expected uint8"),
        (np.full((2, 2), 2, np.int32), np.zeros((1, 4), np.uint8), None, "expected 0 to 1"),
        (np.full((2, 2), -1, np.int32), np.zeros((1, 4), np.uint8), None, "expected 0 to 1"),
        (
            np.zeros((2, 2), np.int32),
            np.zeros((0, 4), np.uint8),
            np.zeros((2, 3, 4), np.uint8),
            r"lines: expected uint8 \(2, 2, 4\)",
        ),
    ],
)
def test_what_does_not_fit(
    labels: LabelMap, colors: ByteMap, lines: ByteMap | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        encode_svg(labels, colors, lines)
