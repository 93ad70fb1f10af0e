"""shiage: colour one frame; shiage paints the rest of the cut."""

from importlib.metadata import version

from shiage.errors import ShiageError
from shiage.lines.gaps import GapRadius
from shiage.lines.lineart import LineSettings, TraceHue
from shiage.lines.segments import SegmentSettings
from shiage.painting.painted_cel import PaintedCel, PaintSettings
from shiage.painting.painter import Painter

__version__ = version("shiage")

__all__ = [
    "GapRadius",
    "LineSettings",
    "PaintSettings",
    "PaintedCel",
    "Painter",
    "SegmentSettings",
    "ShiageError",
    "TraceHue",
    "__version__",
]
