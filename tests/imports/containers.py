"""Files that hold a whole cut, made in code."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.drawings import Rgba, Sheet, on_transparent

BROKEN = b"\x89PNG\r\n\x1a\n no more of it"


def drawn(dx: int = 0) -> Rgba:
    """(40, 60, 4): a box in soft black lines on transparent paper, moved by `dx`."""
    return on_transparent(Sheet(40, 60, soft=True, thickness=2).circle((20 + dx, 20), 12).rgba)


def painted(dx: int = 0, color: tuple[int, int, int] = (200, 30, 40)) -> Rgba:
    """(40, 60, 4): the paint that goes under `drawn`, on transparent paper."""
    rgba = np.zeros((40, 60, 4), np.uint8)
    sheet = Sheet(40, 60, thickness=2).circle((20 + dx, 20), 12)
    inside = Sheet(40, 60, color=(1, 2, 3)).disc((20 + dx, 20), 12).rgba[..., 0] == 1
    rgba[inside | (sheet.rgba[..., 0] == 0)] = (*color, 255)
    return rgba


def png(rgba: NDArray[Any]) -> bytes:
    """Return a picture as PNG, as Pillow writes it."""
    buffer = io.BytesIO()
    Image.fromarray(rgba).save(buffer, "PNG")
    return buffer.getvalue()


def uri(content: bytes) -> str:
    """Return a file's content as a data URI."""
    return "data:image/png;base64," + base64.b64encode(content).decode()


def frames(shown: Mapping[int, str], original: Sequence[int] = ()) -> list[dict[str, Any] | None]:
    """Return a layer's frames, of which some are marked as imported by hand."""
    return [
        {"imageDataId": shown.get(at), "isOriginal": at in original, "isSelected": False}
        if at in shown
        else None
        for at in range(max(shown, default=0) + 1)
    ]


def cadmium_state(
    lines: Mapping[int, str],
    colors: Mapping[int, str],
    images: Mapping[str, bytes | None],
    *,
    references: Sequence[int] = (),
    **more: Any,
) -> dict[str, Any]:
    """Return the state of a project of one line layer and its color layer.

    Args:
        lines: name of the picture by frame.
        colors: the same of the color layer.
        images: content of the pictures, None for a placeholder.
        references: frames of the color layer that are references.
        more: other parts of the state.
    """
    store = {
        name: {"id": name, "dataUri": uri(content) if content else None, "hash": "abc"}
        for name, content in images.items()
    }
    layers = {
        "lineLayer1": {
            "id": "lineLayer1",
            "type": "LAYER_TYPE_LINE",
            "linkedLayerId": "colorLayer1",
            "frames": frames(lines, list(lines)),
        },
        "colorLayer1": {
            "id": "colorLayer1",
            "type": "LAYER_TYPE_COLOR",
            "linkedLayerId": "lineLayer1",
            "frames": frames(colors, references),
        },
    }
    state = {"layers": layers, "ImageStore": {"imageDataById": store}, "playerFps": 24}
    return state | {"selectedFrame": 1, "serverBackend": {"kind": "hosted"}} | more


def write_cadmium(path: Path, state: Mapping[str, Any], *, document: bool = True) -> Path:
    """Write a project as the documentation of its program says."""
    maps = [{"filename": "/tmp/cadm_seg_1.png", "data": uri(png(drawn()))}]  # noqa: S108
    text = f'[{{"version":"1.5.0"}}]BEGINSAVESTATE{json.dumps(state)}'
    text += f"BEGINTEMPIMAGES{json.dumps(maps)}"
    text += 'BEGINDOCUMENT{"cels":[]}' if document else ""
    path.write_text(text, encoding="utf-8")
    return path


def swatch(color: str, **more: Any) -> dict[str, Any]:
    """Return a color of a project's palette."""
    return {"hex": color, "newHex": color, "visible": True, "opacity": 255} | more
