"""shiage: colour one frame; shiage paints the rest of the cut."""

import os
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

# shiage works offline and leaves nothing behind: ONNX Runtime from 1.29 on would keep an identifier
# of the machine among the user's files and send what it runs to its makers. It looks at this as it
# is imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

if TYPE_CHECKING:
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

_MODULES = {
    "GapRadius": "lines.gaps",
    "LineSettings": "lines.lineart",
    "PaintSettings": "painting.painted_cel",
    "PaintedCel": "painting.painted_cel",
    "Painter": "painting.painter",
    "SegmentSettings": "lines.segments",
    "ShiageError": "errors",
    "TraceHue": "lines.lineart",
}


def __getattr__(name: str) -> Any:
    """Return a public name once it is asked for: the command line need not wait for all of them."""
    if name in _MODULES:
        return getattr(import_module(f"shiage.{_MODULES[name]}"), name)
    raise AttributeError(f"module 'shiage' has no attribute {name!r}")
