"""What the checks found, as a page with pictures and as JSON."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.checks.files import find_painted
from shiage.checks.findings import KINDS, CutChecks, Finding
from shiage.cuts.cut import Cut
from shiage.errors import FileError
from shiage.files.atomic import write_atomically
from shiage.files.images import read_picture
from shiage.html_page import as_html, fill_page

MOST_PICTURES = 200
"""Findings of one cut that are shown as pictures; the others only in words."""

AROUND = 48
"""Pixels shown around a place, at least."""

SHOWN = 240
"""Side of a shown picture, pixels."""

MARK = (230, 0, 126)
"""Color of the frame around a place, RGB."""


def write_check_report(checks: CutChecks, cut: Cut, painted: Path, out: Path) -> None:
    """Write `checks.html` and `checks.json`.

    Args:
        checks: what was found.
        cut: the drawings.
        painted: folder of the painted cels.
        out: folder to write to.

    Raises:
        WriteFailed: the disk is full or the like.
    """
    write_atomically(out / "checks.json", checks.to_json().encode("utf-8", "backslashreplace"))
    page = _page(checks, dict(_pictures(checks, cut, painted)))
    write_atomically(out / "checks.html", page.encode("utf-8", "backslashreplace"))


def _pictures(checks: CutChecks, cut: Cut, painted: Path) -> Iterator[tuple[Finding, bytes]]:
    """Yield a small picture of each place, as PNG; a cel's file is read once."""
    files = {cel.name: path for cel, path in find_painted(cut, painted).of_cel.items()}
    left = MOST_PICTURES
    for name in dict.fromkeys(finding.cel for finding in checks.findings):
        places = [f for f in checks.of_cel(name) if f.box_xyxy is not None][:left]
        left -= len(places)
        if not places or name not in files:
            continue
        try:
            rgba = read_picture(files[name]).rgba_u8
        except FileError:
            continue  # a finding says so
        for finding in places:
            yield finding, _show(rgba, finding)


def _show(rgba: NDArray[np.uint8], finding: Finding) -> bytes:
    """Return what lies around a place, the place framed, as PNG."""
    assert finding.box_xyxy is not None  # noqa: S101 - asked for by the caller
    x0, y0, x1, y1 = finding.box_xyxy
    height, width = rgba.shape[:2]
    side = max(x1 - x0, y1 - y0) + 2 * AROUND
    left = max(0, min((x0 + x1 - side) // 2, width - side))
    top = max(0, min((y0 + y1 - side) // 2, height - side))
    part = rgba[top : top + side, left : left + side]
    share = part[..., 3:].astype(np.float32) / 255
    rgb = (part[..., :3] * share + 255 * (1 - share)).astype(np.uint8)
    scale = SHOWN / max(rgb.shape[:2])
    size_wh = max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale))
    method = cv2.INTER_NEAREST if scale >= 1 else cv2.INTER_AREA
    shown = np.ascontiguousarray(cv2.resize(rgb, size_wh, interpolation=method))
    corner = round((x0 - left) * scale) - 3, round((y0 - top) * scale) - 3
    opposite = round((x1 - left) * scale) + 2, round((y1 - top) * scale) + 2
    cv2.rectangle(shown, corner, opposite, MARK, 2)
    _, data = cv2.imencode(".png", cv2.cvtColor(shown, cv2.COLOR_RGB2BGR))
    return data.tobytes()


def _page(checks: CutChecks, pictures: dict[Finding, bytes]) -> str:
    """Return the page."""
    counts = "".join(
        f"<tr><td>{checks.count(kind)}</td><td>{as_html(meaning)}</td></tr>"
        for kind, meaning in KINDS.items()
        if checks.count(kind)
    )
    cels = "".join(
        _cel(checks, name, pictures)
        for name in dict.fromkeys(finding.cel for finding in checks.findings)
    )
    verdict = f"{checks.count()} places to look at" if checks.findings else "Nothing found"
    return fill_page(
        "checks/report.html",
        cut=as_html(checks.cut),
        painted=as_html(checks.painted),
        looked_at=str(len(checks.cels)),
        verdict=verdict,
        counts=f"<table>{counts}</table>" if counts else "",
        cels=cels,
    )


def _cel(checks: CutChecks, name: str, pictures: dict[Finding, bytes]) -> str:
    """Return one cel's section."""
    rows = "".join(_finding(finding, pictures.get(finding)) for finding in checks.of_cel(name))
    more = "".join(
        f"<li class='more'>{left.count} more: {as_html(KINDS[left.kind].lower())}</li>"
        for left in checks.left_out
        if left.cel == name
    )
    return f"<section><h2>{as_html(name)}</h2><ul>{rows}{more}</ul></section>\n"


def _finding(finding: Finding, picture: bytes | None) -> str:
    """Return one finding: its picture, what it says, and where."""
    shown = ""
    if picture:
        data = base64.b64encode(picture).decode()
        shown = f'<img src="data:image/png;base64,{data}" alt="" loading="lazy">'
    swatches = "".join(
        f'<i style="--paint:{as_html("transparent" if color == "none" else color)}" '
        f'title="{as_html(color)}"></i>'
        for color in finding.colors
    )
    where = ""
    if finding.xy:
        where = f"x {finding.xy[0]}, y {finding.xy[1]} · {finding.area} px"
    return (
        f'<li class="{finding.severity}">{shown}<div><b>{as_html(KINDS[finding.kind])}</b>'
        f"<p>{as_html(finding.message)}</p><p class='soft'>{where} {swatches}</p></div></li>"
    )
