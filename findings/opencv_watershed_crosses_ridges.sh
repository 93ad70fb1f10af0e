#!/usr/bin/env bash
# OpenCV's watershed does not put its border on the ridge between two basins.
#
# One would guess: on a map of how likely a line is, `cv2.watershed` floods from markers like water,
# lowest level first, so that two markers meet on the highest ridge between them, as
# scikit-image's `watershed` does with the same map and markers.
# What happens: what counts is the difference between a pixel and the next, not the level. Along a
# gentle slope one marker climbs over the ridge and down its far side, until a step stops it: the
# border lies at the foot of that step, 70 pixels from the ridge.
#
# Seen on 2026-12-01 with opencv-python-headless 5.0.0.93, scikit-image 0.26.0.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet \
    opencv-python-headless==5.0.0.93 scikit-image==0.26.0
cd "$work" && venv/bin/python - <<'PYTHON'
import sys

import cv2
import numpy as np
from skimage.segmentation import watershed

# A basin, a slope up to the ridge, a slope down that ends in a step, a basin.
up, down = np.arange(1, 101), np.arange(99, 29, -1)
level = np.concatenate([np.zeros(20), up, down, np.zeros(30)]).astype(np.uint8)
ridge, step = int(level.argmax()), 20 + len(up) + len(down)
relief = np.tile(level, (21, 1))
markers = np.zeros(relief.shape, np.int32)
markers[5:16, 3:8], markers[5:16, -10:-5] = 1, 2

by_opencv = markers.copy()
cv2.watershed(cv2.merge([relief] * 3), by_opencv)
by_scikit = watershed(relief, markers)
borders = {}
for name, labels in (("OpenCV", by_opencv), ("scikit-image", by_scikit)):
    row = labels[10]
    borders[name] = int(np.flatnonzero(row == 2)[0])
    print(f"{name:13} second basin begins at column {borders[name]}")
print(f"ridge at column {ridge}, step at column {step}")
as_seen = abs(borders["scikit-image"] - ridge) <= 1 and abs(borders["OpenCV"] - step) <= 1
sys.exit(0 if as_seen else 1)
PYTHON
