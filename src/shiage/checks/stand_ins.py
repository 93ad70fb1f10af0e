"""Places in stand-in colors (仮色), which must be gone before a cut is handed on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from shiage.checks.findings import Finding
from shiage.checks.places import count_px, find_places, tell_color
from shiage.checks.view import CelView
from shiage.colors.palette import Palette, RgbaU16, parse_color
from shiage.cuts.journal import recall_run
from shiage.files.packing import pack_like

UNDECIDED = ""
"""In place of a stand-in's name: parts in this color were left undecided."""

StandIns = dict[RgbaU16, str]
"""What each stand-in color is called."""


def find_stand_ins(palette: Palette | None, painted: Path) -> StandIns:
    """Return the stand-in colors of a palette, and those of the run that painted a cut.

    Args:
        palette: the colors allowed; None takes the palette of that run.
        painted: folder of the painted cels. What `shiage paint` wrote down there tells its palette,
            and the color of parts that it left undecided.
    """
    run = recall_run(painted)
    known = run.palette if palette is None else palette
    called = np.unique(known.first_alike)  # as references are: by the first name of a color
    stand_ins = called[known.stand_ins[called]]
    named = [(known.rgba_u16[at], known.titles[at]) for at in stand_ins]
    if run.undecided is not None:
        named.insert(0, (parse_color(run.undecided), UNDECIDED))
    found: StandIns = {}
    for (r, g, b, a), title in ((color.tolist(), title) for color, title in named):
        if a:  # `--undecided none` leaves parts unpainted
            found[r, g, b, a] = title
    return found


def check_stand_ins(view: CelView, stand_ins: StandIns) -> Iterator[Finding]:
    """Yield the places in stand-in colors; lines are none, whatever their color."""
    for color, title in stand_ins.items():
        word = pack_like(np.array([color], np.uint16), view.paints.dtype)[0]
        code = tell_color(word)
        if title != UNDECIDED:
            what = f"the stand-in {code} {title}; give it the decided color, with shiage recolor"
        else:
            what = f"{code}, the color of undecided parts; decide them, in shiage ui or by hand"
        for place in find_places((view.paints == word) & ~view.hard):
            yield Finding(
                "stand-in",
                view.name,
                f"{count_px(place.area)} at {place.where} in {what}",
                "fault",
                place.box_xyxy,
                place.xy,
                place.area,
                (code,),
            )
