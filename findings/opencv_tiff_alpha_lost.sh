#!/usr/bin/env bash
# OpenCV reads a TIFF of gray with alpha, 16 bits a channel, as gray of 8 bits.
#
# One would guess: `cv2.imread(file, cv2.IMREAD_UNCHANGED)` keeps the depth and the alpha that the
# file has, or says that it cannot: line art is often scanned or exported as gray with alpha.
# What happens: it returns an array (H, W) of uint8, without alpha, and no error or warning. The same
# picture as RGBA of 16 bits keeps both. Pillow does not identify the file at all, so of these three
# only tifffile, which wrote it, reads it as it is.
#
# Seen on 2026-11-30 with opencv-python-headless 5.0.0.93, tifffile 2026.3.3, Pillow 13.0.0.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet \
    opencv-python-headless==5.0.0.93 tifffile==2026.3.3 pillow==13.0.0
cd "$work" && venv/bin/python - <<'PYTHON'
import sys

import cv2
import numpy as np
import tifffile
from PIL import Image

drawing = np.zeros((4, 6, 2), np.uint16)
drawing[..., 0], drawing[..., 1] = 1000, np.arange(6) * 13107  # a line that fades in alpha
tifffile.imwrite("gray.tif", drawing, photometric="minisblack", extrasamples=["unassalpha"])
rgba = np.dstack([drawing[..., :1]] * 3 + [drawing[..., 1:]])
tifffile.imwrite("rgba.tif", rgba, photometric="rgb", extrasamples=["unassalpha"])

gray = cv2.imread("gray.tif", cv2.IMREAD_UNCHANGED)
deep = cv2.imread("rgba.tif", cv2.IMREAD_UNCHANGED)
print("written: gray with alpha, 16 bits, alpha from 0 to 65535")
print("OpenCV, gray with alpha:", gray.dtype, gray.shape, "values", np.unique(gray).tolist())
print("OpenCV, RGBA:           ", deep.dtype, deep.shape)
try:
    with Image.open("gray.tif") as picture:
        told = f"mode {picture.mode}"
except Exception as error:
    told = f"{type(error).__name__}: {error}"
print("Pillow, gray with alpha:", told)
as_seen = (gray.dtype, gray.shape) == (np.uint8, (4, 6)) and (deep.dtype, deep.shape[2]) == (np.uint16, 4)
sys.exit(0 if as_seen else 1)
PYTHON
