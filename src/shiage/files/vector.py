"""A painted cel as SVG: one path per segment, and the lines as a picture on top.

Paths follow the edges of pixels exactly, so that what a program fills is what shiage paints. The
corners of all segments are found at once in a 2 x 2 window. In each row of corners of one segment
the first is joined with the second by an edge, the third with the fourth and so on, and the same
holds in each column; walking these edges gives the loops, outlines and holes alike.
"""

from __future__ import annotations

import base64
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from shiage.files.encoding import encode_picture
from shiage.files.pictures import Layout, Picture
from shiage.structures import ByteMap, LabelMap

Int64s = NDArray[np.int64]

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'width="{width}" height="{height}" viewBox="0 0 {width} {height}">\n'
    '<g id="fills" fill-rule="evenodd" shape-rendering="crispEdges">\n'
)
# `xlink:href` is the older name, and the one that every program knows.
_LINES = (
    '<image id="lines" width="{width}" height="{height}" image-rendering="pixelated" '
    'xlink:href="data:image/png;base64,{data}"/>\n'
)


def encode_svg(labels: LabelMap, colors: ByteMap, lines: ByteMap | None) -> bytes:
    """Return a painted cel as the content of an SVG file; the same cel gives the same bytes.

    The paths cover the labels' pixels and no others. For fills that reach under the lines, so that
    no paper shines through, pass `segments.spread_labels(labels)`: it is the caller who knows which
    segments colour-trace pixels go to, which are to be settled before.

    Args:
        labels: (H, W) int32, L = segment, 0 = no fill; not every label needs to occur.
        colors: (N, 4) uint8 RGBA, straight alpha; row L - 1 is the color of segment L. Segments of
            alpha 0 are bare paper and get no path.
        lines: (H, W, 4) uint8 RGBA, straight alpha: the lines on transparent paper; None for fills
            alone.

    Raises:
        ValueError: shapes or dtypes do not fit together.
    """
    _check(labels, colors, lines)
    height, width = labels.shape
    parts = [_HEAD.format(width=width, height=height)]
    painted = np.concatenate([[False], colors[:, 3] > 0])
    for label, path in _trace(labels, painted):
        *rgb, alpha = colors[label - 1].tolist()
        opacity = "" if alpha == 255 else f' fill-opacity="{round(alpha / 255, 3)}"'
        fill = f'fill="#{bytes(rgb).hex()}"{opacity}'
        parts.append(f'<path id="segment-{label}" {fill} d="{path}"/>\n')
    parts.append("</g>\n")
    if lines is not None:
        png = encode_picture(Picture(lines, Layout("PNG", "RGBA", 8)))
        data = base64.b64encode(png).decode("ascii")
        parts.append(_LINES.format(width=width, height=height, data=data))
    parts.append("</svg>\n")
    return "".join(parts).encode("ascii")


def _check(labels: LabelMap, colors: ByteMap, lines: ByteMap | None) -> None:
    """Raise `ValueError` unless shapes and dtypes are those that `encode_svg` tells."""
    if labels.ndim != 2 or labels.dtype != np.int32 or not labels.size:
        raise ValueError(f"labels: expected int32 (H, W), found {labels.dtype} {labels.shape}")
    if colors.ndim != 2 or colors.shape[1] != 4 or colors.dtype != np.uint8:
        raise ValueError(f"colors: expected uint8 (N, 4), found {colors.dtype} {colors.shape}")
    if labels.min() < 0 or labels.max() > len(colors):
        raise ValueError(
            f"labels: expected 0 to {len(colors)} as there are colors, "
            f"found {labels.min()} to {labels.max()}"
        )
    if lines is not None and (lines.shape != (*labels.shape, 4) or lines.dtype != np.uint8):
        raise ValueError(
            f"lines: expected uint8 {(*labels.shape, 4)}, found {lines.dtype} {lines.shape}"
        )


def _trace(labels: LabelMap, wanted: NDArray[np.bool_]) -> list[tuple[int, str]]:
    """Return the outline of each wanted label in the map, holes included, as an SVG path's data.

    Args:
        labels: (H, W) int32, values 0..N.
        wanted: (N + 1,) bool.
    """
    label, x, y, partner = _find_corners(labels, wanted)
    order, starts = _walk(partner)
    x, y = x[order], y[order]
    # Edges are horizontal and vertical by turns, so one of both differences is 0.
    steps = (np.diff(x) + np.diff(y)).tolist()
    loops: dict[int, list[str]] = {}
    for start, stop in pairwise([*starts, len(order)]):
        # An even number of edges, of which the last is the way back that `z` draws.
        turns = "h%dv%d" * ((stop - start) // 2 - 1) + "h%dz"
        loop = f"M{x[start]} {y[start]}" + turns % tuple(steps[start : stop - 1])
        loops.setdefault(int(label[order[start]]), []).append(loop)
    return [(number, "".join(paths)) for number, paths in loops.items()]


def _find_corners(
    labels: LabelMap, wanted: NDArray[np.bool_]
) -> tuple[Int64s, Int64s, Int64s, Int64s]:
    """Return label, x and y of all corners, and each corner's partner in its column.

    Corners are ordered by label and row, so that 2k and 2k + 1 are partners in a row. Where a
    segment touches itself by a corner of pixels, two of its corners lie on one point.

    Args:
        labels: (H, W) int32, values 0..N.
        wanted: (N + 1,) bool, labels whose corners are asked for; never 0.

    Returns:
        Four arrays (C,) int64: label 1..N, x 0..W, y 0..H, and the partner's index.
    """
    height, width = labels.shape
    framed = np.zeros((height + 2, width + 2), np.int32)
    framed[1:-1, 1:-1] = np.where(wanted[labels], labels, 0)
    above, under = framed[:-1], framed[1:]
    level = above == under  # (H + 1, W + 2): no edge between a pixel and the one under it
    upright = framed[:, :-1] == framed[:, 1:]  # (H + 2, W + 1): none between it and the next
    falling = above[:, :-1] == under[:, 1:]  # (H + 1, W + 1): along one diagonal of the window ...
    rising = above[:, 1:] == under[:, :-1]  # ... and the other
    found: list[tuple[Int64s, Int64s, Int64s]] = []
    for row, column, across in ((0, 0, falling), (0, 1, rising), (1, 0, rising), (1, 1, falling)):
        own = framed[row : row + height + 1, column : column + width + 1]
        beside = upright[row : row + height + 1]
        stacked = level[:, column : column + width + 1]
        # Outward, if the segment goes on neither beside nor above or below; inward, if it does
        # both but not diagonally.
        corner = (beside == stacked) & ~(beside & across) & (own > 0)
        y, x = np.nonzero(corner)
        found.append((own[y, x].astype(np.int64), x, y))
    label, x, y = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.argsort((label * (height + 1) + y) * (width + 1) + x, kind="stable")
    label, x, y = label[order], x[order], y[order]
    by_column = np.argsort((label * (width + 1) + x) * (height + 1) + y, kind="stable")
    partner = np.empty(len(order), np.int64)
    partner[by_column[::2]], partner[by_column[1::2]] = by_column[1::2], by_column[::2]
    return label, x, y, partner


def _walk(partner: Int64s) -> tuple[list[int], list[int]]:
    """Return all corners in the order in which their loops pass them, and where loops start.

    Args:
        partner: (C,) int64, in the column; the partner of corner i in its row is i ^ 1.
    """
    in_column = partner.tolist()
    passed = bytearray(len(in_column) // 2)  # edges along rows; each lies on one loop
    order: list[int] = []
    starts: list[int] = []
    for edge in range(len(passed)):
        if passed[edge]:
            continue
        starts.append(len(order))
        corner = 2 * edge
        while not passed[corner >> 1]:
            passed[corner >> 1] = 1
            order += (corner, corner ^ 1)
            corner = in_column[corner ^ 1]
    return order, starts
