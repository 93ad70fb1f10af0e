"""TIFFs with layers as GIMP writes them, made with tifffile."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import tifffile
from numpy.typing import NDArray

_PAGE_NAME, _X_POSITION, _Y_POSITION = 285, 286, 287
_MICRO = 1_000_000


@dataclass
class Page:
    """A layer to be written: its samples, name and place."""

    samples: NDArray[Any]
    name: str = ""
    at_xy: tuple[int, int] = (0, 0)


def layered_tiff(
    *pages: Page,
    resolution: tuple[float, float] = (300, 300),
    unit: Any = "INCH",
    alpha: str = "UNASSALPHA",
    byteorder: Any = "<",
    bigtiff: bool = False,
    **options: Any,
) -> bytes:
    """Return a TIFF of layers, the lowest first, each as large as it is."""
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer, byteorder=byteorder, bigtiff=bigtiff) as writer:
        for number, page in enumerate(pages):
            channels = page.samples.shape[2]
            tags: list[Any] = [(297, "H", 2, (number, len(pages)), True)]
            tags += [(_PAGE_NAME, "s", 0, page.name, True)] if page.name else []
            if any(page.at_xy):
                places = zip((_X_POSITION, _Y_POSITION), page.at_xy, resolution, strict=True)
                for tag, at, pixels in places:
                    tags.append((tag, 5, 1, (round(at / pixels * _MICRO), _MICRO), True))
            writer.write(
                page.samples,
                photometric="minisblack" if channels == 2 else "rgb",
                extrasamples=[alpha] if channels in (2, 4) else None,
                subfiletype=2,
                resolution=resolution,
                resolutionunit=unit,
                extratags=tags,
                metadata=None,
                **options,
            )
    return buffer.getvalue()
