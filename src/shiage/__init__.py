"""shiage: colour one frame; shiage paints the rest of the cut."""

from importlib.metadata import version

from shiage.errors import ShiageError
from shiage.gaps import GapRadius
from shiage.lineart import LineSettings, TraceHue
from shiage.painted_cel import PaintedCel, PaintSettings
from shiage.painter import Painter
from shiage.segments import SegmentSettings

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
