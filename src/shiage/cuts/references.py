"""A reference of a cut: what it shows, what it is to the cut, and where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from shiage.cuts.cut import Cel
from shiage.painting.reference import Reference
from shiage.painting.serving import Known


class Origin(Enum):
    """Where what is known of a reference came from."""

    KEY = "key"
    """A painting of a cel, which is passed on as it was given."""
    PLANE = "plane"
    """A painting of a cel without its lines: the cel gets its colors, and is composed."""
    DECIDED = "decided"
    """What an artist has decided of a cel as a whole; the cel is composed."""
    SHEET = "sheet"
    """A painting that is of no cel, or a second one of a cel: it serves every cel."""


@dataclass(frozen=True, eq=False)
class CutReference:
    """A reference of a cut.

    Attributes:
        origin: where it came from.
        shown: its lines, segments and colors.
        known: the same as matchers take it.
        file: its painting; if an artist decided it, the drawing.
        cel: the cel that it is; None if it serves every cel.
        drawing: the line drawing of a model sheet, if it has one.
    """

    origin: Origin
    shown: Reference
    known: Known
    file: Path
    cel: Cel | None = None
    drawing: Path | None = None

    def __post_init__(self) -> None:
        if (self.cel is None) != (self.origin is Origin.SHEET):
            raise ValueError(f"{self.origin} with cel {self.cel}")

    @property
    def name(self) -> str:
        """How messages and records call it."""
        return self.shown.name

    @property
    def is_composed(self) -> bool:
        """Whether its cel is composed from its colors, and not passed on."""
        return self.origin in (Origin.PLANE, Origin.DECIDED)
