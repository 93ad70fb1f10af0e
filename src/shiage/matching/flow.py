"""`flow`: dense optical flow carries every pixel of a segment to the reference, where it votes.

Line art has no texture for a flow to hold on to, so flow is taken between distance maps: how far
each pixel is from the nearest line. DIS flow: Kroeger et al., "Fast Optical Flow using Dense
Inverse Search", ECCV 2016. It starts from the motion of the figure's box, so that a character that
walks across the frame is found again.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.lines.runs import find_runs
from shiage.matching.features import figure_box
from shiage.matching.protocol import PairwiseMatcher
from shiage.structures import Floats, LabelMap, LineArt, Segments

FLOW_SIDE = 512
"""The longer side of the maps that flow is taken between, pixels."""

REACH = 24.0
"""Distances from lines are told apart up to this many pixels of the small map."""


@dataclass(frozen=True, eq=False)
class FlowView:
    """One drawing as the flow matcher sees it.

    Attributes:
        count: N, number of segments.
        labels: (H, W) int32 label map, full size.
        distance: (h, w) uint8, distance to the nearest line, small.
        sample_xy: (S, 2) float32, one point in the middle of each row run of a segment, full size.
        sample_label: (S,) int64, its label.
        sample_weight: (S,) float64, pixels it stands for.
        origin: (2,) box of everything drawn: corner, full size.
        extent: (2,) its width and height.
    """

    count: int
    labels: LabelMap
    distance: NDArray[np.uint8]
    sample_xy: NDArray[np.float32]
    sample_label: NDArray[np.int64]
    sample_weight: NDArray[np.float64]
    origin: NDArray[np.float64]
    extent: NDArray[np.float64]


class FlowMatcher(PairwiseMatcher[FlowView]):
    """Dense flow on distance-transformed line art; pixels vote for the segment they land on."""

    name = "flow"

    def encode(self, lineart: LineArt, segments: Segments) -> FlowView:
        """Return the distance map and the points that vote."""
        height, width = segments.size_hw
        scale = FLOW_SIDE / max(height, width)
        small_wh = (max(16, round(width * scale)), max(16, round(height * scale)))
        # Lines thinner than a small pixel must not vanish: the darkest pixel of each block counts.
        step = max(1, round(1 / scale))
        ink = cv2.dilate(lineart.ink.view(np.uint8), np.ones((step, step), np.uint8))
        paper = 1 - cv2.resize(ink, small_wh, interpolation=cv2.INTER_NEAREST)
        far = cv2.distanceTransform(paper, cv2.DIST_L2, 3)
        distance = (np.minimum(far, REACH) * (255 / REACH)).astype(np.uint8)
        (runs,) = find_runs(segments.labels)
        label = runs.value.astype(np.int64)
        inside = label > 0
        x = (runs.start[inside] + runs.stop[inside] - 1) / 2
        xy = np.stack([x, runs.row[inside]], axis=1).astype(np.float32)
        origin, extent = figure_box(segments)
        return FlowView(
            len(segments),
            segments.labels,
            distance,
            xy,
            label[inside],
            runs.length[inside].astype(np.float64),
            origin,
            extent,
        )

    def compare(self, reference: FlowView, target: FlowView) -> tuple[Floats, Floats]:
        """Return votes by where pixels land; see `PairwiseMatcher.compare`."""
        if not reference.count or not target.count:
            empty = np.zeros((target.count, reference.count), np.float32)
            return empty, np.ones(target.count, np.float32)
        landed = _follow(reference, target)
        height, width = reference.labels.shape
        x = np.clip(np.rint(landed[:, 0]), 0, width - 1).astype(np.int64)
        y = np.clip(np.rint(landed[:, 1]), 0, height - 1).astype(np.int64)
        label = reference.labels[y, x]
        hit = label > 0
        key = (target.sample_label[hit] - 1) * reference.count + label[hit] - 1
        votes = np.bincount(key, target.sample_weight[hit], target.count * reference.count)
        votes = votes.reshape(target.count, reference.count)
        cast = np.bincount(target.sample_label - 1, target.sample_weight, target.count)
        sums = votes.sum(axis=1)
        similarity = votes / np.maximum(sums, 1)[:, None]
        # Pixels that land on ink, and votes that scatter, speak against the match.
        agreed = votes.max(axis=1) / cast
        return similarity.astype(np.float32), (1 - agreed).astype(np.float32)

    def count(self, target: FlowView) -> int:
        """Return the number of segments."""
        return target.count


def _follow(reference: FlowView, target: FlowView) -> NDArray[np.float64]:
    """(S, 2) float64: where the target's sample points lie in the reference, full size."""
    height, width = target.distance.shape
    to_small = np.array([width, height]) / np.array(target.labels.shape[::-1])
    ref_to_small = np.array(reference.distance.shape[::-1]) / np.array(reference.labels.shape[::-1])
    # First guess: the figure's box moves and scales as a whole.
    zoom = (reference.extent * ref_to_small) / (target.extent * to_small)
    zoom = np.clip(zoom, 0.5, 2.0)
    center = (target.origin + target.extent / 2) * to_small
    ref_center = (reference.origin + reference.extent / 2) * ref_to_small
    grid = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1)
    guess = (ref_center + (grid - center) * zoom).astype(np.float32)
    warped = cv2.remap(
        reference.distance,
        guess[..., 0],
        guess[..., 1],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    still = np.zeros((height, width, 2), np.float32)
    # Between maps without any structure the flow is not defined, and may be anything.
    flow = np.clip(np.nan_to_num(dis.calc(target.distance, warped, still)), -FLOW_SIDE, FLOW_SIDE)
    at = target.sample_xy * to_small
    x = np.clip(np.rint(at[:, 0]), 0, width - 1).astype(np.int64)
    y = np.clip(np.rint(at[:, 1]), 0, height - 1).astype(np.int64)
    in_warped = at + flow[y, x]
    landed = (ref_center + (in_warped - center) * zoom) / ref_to_small
    return np.asarray(landed, np.float64)
