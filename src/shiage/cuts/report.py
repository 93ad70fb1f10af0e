"""The page that shows a painter at once where a painted cut is doubtful, and its thumbnails."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shiage.cuts.records import CelRecord, CutRecord
from shiage.files.atomic import write_atomically
from shiage.files.nesting import shallow
from shiage.html_page import as_html, fill_page
from shiage.structures import ByteMap, Floats, LabelMap

LONGEST_SIDE = 512
"""Pixels of a thumbnail's longer side, at most."""

HEAT: tuple[tuple[float, tuple[int, int, int]], ...] = (
    (0.0, (184, 48, 4)),
    (0.35, (240, 126, 44)),
    (0.65, (250, 198, 138)),
    (0.85, (232, 216, 204)),
    (1.0, (206, 226, 244)),
)
"""Confidence and its rgb_u8. Lightness rises all the way, so it reads without color vision too."""

_Picture = NDArray[np.integer[Any] | np.floating[Any]]
_INK = 36  # grey of lines in the heat map
_CHECKS = (226, 242)  # greys behind transparent pixels
_CHECK = 12  # pixels per square
_VIEWS = {"line": "Line", "painted": "Painted", "confidence": "Confidence"}


@dataclass(frozen=True)
class Previews:
    """Thumbnails of one cel, all of one size, encoded as WebP.

    Attributes:
        line: the drawing.
        painted: the painted cel.
        confidence: a heat map, how sure each segment's color is.
        scale: thumbnail pixels per pixel of the cel, at most 1.
    """

    line: bytes
    painted: bytes
    confidence: bytes
    scale: float


def make_previews(
    drawing_rgba_u8: ByteMap, painted_rgba_u8: ByteMap, labels: LabelMap, confidence: Floats
) -> Previews:
    """Return the thumbnails of one cel; the same input gives the same bytes.

    Args:
        drawing_rgba_u8: (H, W, 4) uint8, straight alpha.
        painted_rgba_u8: (H, W, 4) uint8, straight alpha.
        labels: (H, W) int32, 0 = ink, 1..N = segment.
        confidence: (N,) float32 in [0, 1].
    """
    height, width = labels.shape
    scale = min(1.0, LONGEST_SIDE / max(height, width))
    size_wh = max(1, round(width * scale)), max(1, round(height * scale))
    return Previews(
        line=_encode(_shrink(drawing_rgba_u8, size_wh), 70),
        painted=_encode(_shrink(painted_rgba_u8, size_wh), 75),
        confidence=_encode(_heat_map(labels, confidence, size_wh), 60),
        scale=scale,
    )


def _encode(rgb_u8: ByteMap, quality: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(rgb_u8).save(file, "WEBP", quality=quality, method=0)
    return file.getvalue()


def _shrink(rgba_u8: ByteMap, size_wh: tuple[int, int]) -> ByteMap:
    """(h, w, 3) uint8: the picture over a light checkerboard."""
    if rgba_u8[..., 3].min() == 255:
        return _rescale(cv2.cvtColor(rgba_u8, cv2.COLOR_RGBA2RGB), size_wh)
    # Premultiplied, or the colors hidden in transparent pixels would bleed into the edges.
    small = _rescale(cv2.cvtColor(rgba_u8, cv2.COLOR_RGBA2mRGBA), size_wh)
    rows, columns = np.ogrid[: size_wh[1], : size_wh[0]]
    checks = np.array(_CHECKS, np.uint8)[(rows // _CHECK + columns // _CHECK) % 2]
    behind = cv2.multiply(checks, 255 - small[..., 3], scale=1 / 255)
    over = cv2.cvtColor(small, cv2.COLOR_RGBA2RGB)
    return _bytes(cv2.add(over, cv2.cvtColor(behind, cv2.COLOR_GRAY2RGB)))


def _rescale(picture: _Picture, size_wh: tuple[int, int]) -> ByteMap:
    # Exact halves have a path of their own that is twenty times as fast; it may cost an odd pixel.
    while picture.shape[1] >= 2 * size_wh[0] and picture.shape[0] >= 2 * size_wh[1]:
        w, h = picture.shape[1] // 2, picture.shape[0] // 2
        picture = cv2.resize(picture[: 2 * h, : 2 * w], (w, h), interpolation=cv2.INTER_AREA)
    return _bytes(cv2.resize(picture, size_wh, interpolation=cv2.INTER_AREA))


def _bytes(picture: _Picture) -> ByteMap:
    return picture.astype(np.uint8, copy=False)  # to the type checker, cv2 returns any number


def _heat_map(labels: LabelMap, confidence: Floats, size_wh: tuple[int, int]) -> ByteMap:
    """(h, w, 3) uint8: every segment in the color of its confidence, ink dark."""
    table = np.full((len(confidence) + 1, 4), _INK, np.uint8)
    for channel in range(3):
        places, values = [at for at, _ in HEAT], [rgb[channel] for _, rgb in HEAT]
        table[1:, channel] = np.interp(np.nan_to_num(confidence), places, values).round()
    rows, columns = (
        ((np.arange(n) + 0.5) * full / n).astype(np.intp)
        for n, full in zip(size_wh[::-1], labels.shape, strict=True)
    )
    packed = table.view(np.uint32)[:, 0]  # one look-up per pixel, not one per channel
    heat = np.take(packed, labels[rows][:, columns]).view(np.uint8).reshape(*size_wh[::-1], 4)
    # Thin lines would break up if they were sampled like the segments.
    ink = _rescale((labels == 0).view(np.uint8) * np.uint8(255), size_wh)
    paper, dark = (cv2.cvtColor(m, cv2.COLOR_GRAY2RGB) for m in (255 - ink, ink // (255 // _INK)))
    heat = cv2.multiply(cv2.cvtColor(heat, cv2.COLOR_RGBA2RGB), paper, scale=1 / 255)
    return _bytes(cv2.add(heat, dark))


def save_previews(previews: Previews, folder: Path, name: str) -> None:
    """Write the thumbnails of the cel `name` as three WebP files and a JSON file about them.

    Raises:
        WriteFailed: the disk is full or the like.
    """
    about: dict[str, Any] = {"scale": previews.scale}
    for view in _VIEWS:
        data: bytes = getattr(previews, view)
        about[view] = hashlib.sha256(data).hexdigest()
        write_atomically(folder / f"{name}.{view}.webp", data)
    # Last, so that it only vouches for what is there.
    write_atomically(folder / f"{name}.json", json.dumps(about).encode())


def load_previews(folder: Path, name: str) -> Previews | None:
    """Return the thumbnails that `save_previews` wrote, or None if missing or damaged."""
    try:
        about = json.loads(shallow((folder / f"{name}.json").read_bytes()))
        data = {view: (folder / f"{name}.{view}.webp").read_bytes() for view in _VIEWS}
        if any(hashlib.sha256(data[view]).hexdigest() != about[view] for view in _VIEWS):
            return None
        return Previews(**data, scale=float(about["scale"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write_report(record: CutRecord, previews: Callable[[str], Previews | None], out: Path) -> None:
    """Write `report.json`, the record as it is, and `report.html`, one self-contained page.

    Args:
        record: of the whole cut.
        previews: returns a cel's thumbnails by its name, or None if there are none.
        out: folder to write to.

    Raises:
        WriteFailed: the disk is full or the like.
    """
    # File names that are no valid Unicode hold lone surrogates; "\udc80" is their JSON, too.
    for name, text in {"json": record.to_json(), "html": _page(record, previews)}.items():
        write_atomically(out / f"report.{name}", text.encode("utf-8", "backslashreplace"))


def _page(record: CutRecord, previews: Callable[[str], Previews | None]) -> str:
    index = {cel.name: at for at, cel in enumerate(record.cels)}
    cels, data = [], []
    for at, cel in enumerate(record.cels):
        found = previews(cel.name)
        cels.append(_cel(cel, at, found, index))
        segments = [
            [s.label, s.box_xyxy, s.area, s.color, _known(s.confidence), s.alternatives]
            for s in cel.segments
            if cel.status == "painted" and not s.locked
        ]
        scale = found.scale if found else 0
        data.append({"name": cel.name, "status": cel.status, "scale": scale, "segments": segments})
    facts = {
        "painted": str(record.count("painted")),
        "references": str(record.count("reference")),
        "same": str(record.count("same")),
        "failed": str(record.count("failed")),
        "segments": f"{record.segments:,}",
        "undecided": f"{record.undecided:,}",
        "time": f"{record.seconds:.1f} s",
        "matcher": record.matcher,
        "shiage": record.version or "?",
    }
    stops = ", ".join(f"rgb{rgb} {100 * place:g}%" for place, rgb in HEAT)
    names = {color: name for name, color in reversed(record.palette)}
    return fill_page(
        "cuts/report.html",
        title=as_html(Path(record.cut).name or record.cut),
        cut=as_html(record.cut),
        out=as_html(record.out),
        facts="".join(f"<div><dt>{k}</dt><dd>{as_html(v)}</dd></div>" for k, v in facts.items()),
        palette="".join(_swatch(color, name) for name, color in record.palette),
        notices=_notices(record, index),
        cels="".join(cels),
        heat=f"linear-gradient(90deg, {stops})",
        data=_json({"cels": data, "names": names}),
    )


def _notices(record: CutRecord, index: dict[str, int]) -> str:
    """Return everything that went wrong as one loud list, "" if all is well."""
    items = [
        f'<li class="bad"><b>Failed</b> {_link(cel.name, index)}: '
        f"{as_html(cel.message or 'no reason given')}</li>"
        for cel in record.cels
        if cel.status == "failed"
    ]
    items += [f'<li class="warn"><b>Reference</b> {as_html(w)}</li>' for w in record.warnings]
    if record.interrupted:
        said = "This run was stopped before every cel was done; run it again to finish the cut."
        items.insert(0, f'<li class="bad"><b>Interrupted</b> {said}</li>')
    if not items:
        return ""
    head = '<section id="notices"><h2>Needs attention</h2><ul>'
    return f"{head}{''.join(items)}</ul></section>"


def _cel(cel: CelRecord, at: int, previews: Previews | None, index: dict[str, int]) -> str:
    """Return one cel's section; the page's script fills in the number of doubtful segments."""
    facts = [f'<span class="status {cel.status}">{cel.status}</span>']
    if cel.status == "painted":
        known = [_known(s.confidence) for s in cel.segments if not s.locked]
        mean = f"{100 * sum(known) / len(known):.0f}%" if known else "–"
        facts += [
            '<button type="button" class="doubts" aria-pressed="false"></button>',
            f"<span>mean confidence <b>{mean}</b></span>",
            f"<span>{len(cel.segments):,} segments</span>",
            f"<span>{cel.gaps} {'gap' if cel.gaps == 1 else 'gaps'} closed</span>",
        ]
    if cel.references:
        facts.append(f"<span>from {', '.join(_link(r, index) for r in cel.references)}</span>")
    message = f'<p class="message">{as_html(cel.message)}</p>' if cel.message else ""
    views = (
        "".join(_view(cel.name, view, getattr(previews, view)) for view in _VIEWS)
        if previews
        else '<p class="none">No pictures of this cel.</p>'
    )
    return (
        f'<article class="cel" id="cel-{at}" data-at="{at}" tabindex="-1"><header>'
        f"<h3>{as_html(cel.name)}</h3>{''.join(facts)}</header>{message}"
        f'<div class="views">{views}</div></article>\n'
    )


def _view(name: str, view: str, webp: bytes) -> str:
    width, height = Image.open(io.BytesIO(webp)).size
    source = f"data:image/webp;base64,{base64.b64encode(webp).decode()}"
    return (
        f'<figure><button type="button" class="shot" data-view="{view}" '
        f'aria-label="Enlarge {as_html(name)}, {_VIEWS[view].lower()}">'
        f'<img src="{source}" width="{width}" height="{height}" alt="" '
        f'decoding="async"></button><figcaption>{_VIEWS[view]}</figcaption></figure>'
    )


def _link(name: str, index: dict[str, int]) -> str:
    return f'<a href="#cel-{index[name]}">{as_html(name)}</a>' if name in index else as_html(name)


def _swatch(color: str, name: str) -> str:
    said = as_html(f"{name} {color}")
    paint = "" if color == "none" else f' style="--paint:{as_html(color)}"'
    return f'<li class="swatch"{paint} title="{said}"><span class="sr">{said}</span></li>'


def _known(confidence: float) -> float:
    return round(confidence, 4) if math.isfinite(confidence) else 0.0


def _json(value: object) -> str:
    """Return JSON that cannot end, or open, the script element around it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("&", r"\u0026").replace("<", r"\u003c").replace(">", r"\u003e")
