"""What a picture is once read: RGBA pixels, and how the file stores them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shiage.files.formats import FORMATS, WRITTEN

Pixels = NDArray[np.uint8] | NDArray[np.uint16]
PaletteEntries = tuple[tuple[int, int, int, int], ...]

_BITS = {"1": (1,), "L": (8, 16), "LA": (8,), "P": (8,), "RGB": (8, 16), "RGBA": (8, 16)}


@dataclass(frozen=True)
class Layout:
    """How a picture is stored in its file, so that it can be written back the same way.

    Attributes:
        format: name of a format that pictures are written in, found by the content, not by the
            file's name; "PNG" for what was read from one that does not keep colors.
        mode: "1", "L", "LA", "P", "RGB" or "RGBA".
        bits: 1, 8 or 16 per channel; 8 for the indices of mode "P".
        palette: RGBA entries of mode "P", 0..255, in the file's order.
        tga_rle: whether a TGA is run-length encoded.
        tga_top_down: whether a TGA starts with its top row.
        dpi: resolution across and down, if the file tells it.
        icc_profile: color profile, if the file has one.
        tiff_compression: Pillow's name of a TIFF's compression.
    """

    format: str
    mode: str
    bits: int
    palette: PaletteEntries = ()
    tga_rle: bool = False
    tga_top_down: bool = False
    dpi: tuple[float, float] | None = None
    icc_profile: bytes | None = None
    tiff_compression: str | None = None

    def __post_init__(self) -> None:
        if self.format not in WRITTEN:
            raise ValueError(f"the format is {self.format!r}; expected one of {[*WRITTEN]}")
        if self.mode not in _BITS:
            raise ValueError(f"the mode is {self.mode!r}; expected one of {[*_BITS]}")
        if self.bits not in _BITS[self.mode]:
            raise ValueError(
                f"mode {self.mode} with {self.bits} bits; expected one of {_BITS[self.mode]}"
            )
        if len(self.palette) > 256:
            raise ValueError(f"the palette has {len(self.palette)} entries; expected at most 256")

    @property
    def suffix(self) -> str:
        """Usual ending of a file's name in this format.

        >>> Layout("TIFF", "RGB", 8).suffix
        '.tif'
        """
        return FORMATS[self.format].suffixes[0]

    @property
    def is_layered(self) -> bool:
        """Whether the file has layers; then there is room for every color, whatever the mode."""
        return FORMATS[self.format].is_layered

    @property
    def has_alpha(self) -> bool:
        """Whether the picture as stored has an alpha channel or a transparent palette entry."""
        return self.mode in ("LA", "RGBA") or any(alpha < 255 for *_, alpha in self.palette)


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture and how it is stored.

    Attributes:
        pixels: (H, W, 4) RGBA, straight alpha; uint16 if the layout has 16 bits, else uint8.
        layout: how the file stores it, or shall store it.
        notes: what is odd about the file, clauses for the artist.
    """

    pixels: Pixels
    layout: Layout
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        shape, dtype = self.pixels.shape, self.pixels.dtype
        if len(shape) != 3 or shape[2] != 4 or 0 in shape:
            raise ValueError(f"pixels have the shape {shape}; expected (H, W, 4)")
        expected = np.dtype(np.uint16 if self.layout.bits == 16 else np.uint8)
        if dtype != expected:
            raise ValueError(
                f"pixels are {dtype}; expected {expected} for a layout of {self.layout.bits} bits"
            )

    @property
    def size_hw(self) -> tuple[int, int]:
        """Height and width."""
        return self.pixels.shape[0], self.pixels.shape[1]

    def stored_as(self, file_format: str | None) -> Picture:
        """Return the picture with a layout of another format; None leaves it as it is."""
        if file_format is None or file_format == self.layout.format:
            return self
        return replace(self, layout=replace(self.layout, format=file_format))

    @property
    def rgba_u8(self) -> NDArray[np.uint8]:
        """(H, W, 4) uint8 RGBA, 0..255; 16-bit values are rounded to the nearest."""
        return to_u8(self.pixels)


_WITH_ALPHA = {"L": "LA", "RGB": "RGBA"}
_WITHOUT_ALPHA = {"LA": "L", "RGBA": "RGB"}


def stored_like(picture: Picture, drawn: Layout) -> Picture:
    """Return a painting with the layout of the painted cels beside it, as far as that is its kind.

    Args:
        picture: the painting.
        drawn: how its drawing is stored.
    """
    mode = picture.layout.mode
    if mode in _WITH_ALPHA:
        mode = _WITH_ALPHA[mode] if drawn.has_alpha else mode
    elif not drawn.has_alpha:  # where it shines through it keeps its alpha
        mode = _WITHOUT_ALPHA.get(mode, mode)
    layout = replace(
        picture.layout,
        mode=mode if (mode, picture.layout.bits) != ("LA", 16) else "RGBA",
        tga_rle=drawn.tga_rle,
        tga_top_down=drawn.tga_top_down,
        icc_profile=drawn.icc_profile,
    )
    return replace(picture, layout=layout)


def to_u8(levels: NDArray[Any]) -> NDArray[np.uint8]:
    """Return levels of 16 bits in 8, each rounded to the nearest; those of 8 bits as they are.

    >>> to_u8(np.array([0, 128, 129, 32896, 65535], np.uint16)).tolist()
    [0, 0, 1, 128, 255]
    """
    if levels.dtype == np.uint8:
        return levels
    return ((levels.astype(np.uint32) + 128) // 257).astype(np.uint8)


def to_u16(levels: NDArray[Any]) -> NDArray[np.uint16]:
    """Return levels of 8 bits in 16; those of 16 bits as they are."""
    return levels if levels.dtype == np.uint16 else levels.astype(np.uint16) * np.uint16(257)


def in_depth(levels: NDArray[np.uint16], dtype: np.dtype[Any]) -> Pixels:
    """Return levels of 16 bits in the depth of a picture."""
    return levels if dtype == np.uint16 else to_u8(levels)


def lay_over(below: Pixels, above: Pixels) -> Pixels:
    """(H, W, 4): one picture of RGBA, straight alpha, over another of the same size and dtype.

    Where it is opaque its pixel stays as it is, where it is transparent the other's does.
    """
    top = float(np.iinfo(above.dtype).max)
    flat: Pixels = np.where(above[..., 3:] > 0, above, below)
    mixed = (above[..., 3] > 0) & (above[..., 3] < top)
    under, over = below[mixed] / top, above[mixed] / top
    rest = under[:, 3:] * (1 - over[:, 3:])
    alpha = over[:, 3:] + rest
    color = (over[:, :3] * over[:, 3:] + under[:, :3] * rest) / alpha
    flat[mixed] = np.rint(np.concatenate([color, alpha], axis=1) * top)
    return flat
