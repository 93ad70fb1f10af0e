"""What the page and the server say to each other.

`make page-types` writes the same types to page/src/messages.ts.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from shiage.files.previews import MAX_FPS
from shiage.painting.edits import WIDEST
from shiage.painting.line_colors import PAINTED_OVER
from shiage.web.desk import State

Index = Annotated[int, Field(ge=0, le=1_000_000)]
Label = Annotated[int, Field(ge=1, le=100_000_000)]
ColorId = Annotated[int, Field(ge=0, le=1_000_000)]
ColorText = Annotated[str, Field(max_length=9)]
Name = Annotated[str, Field(max_length=200)]
Coordinate = Annotated[int, Field(ge=-100_000, le=100_000)]
Place = tuple[Coordinate, Coordinate]


class Message(BaseModel):
    """One of the things said."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


# -- from the server -------------------------------------------------------------------------


class Color(Message):
    """A color of the palette."""

    id: int
    color: str
    """`#rrggbb`, `#rrggbbaa`, or "none" for the bare paper."""
    name: str
    uses: int
    """How many segments have it."""


class CelSummary(Message):
    """A cel as the strip shows it."""

    index: int
    name: str
    column: str
    number: int
    width: int
    height: int
    state: State
    made: bool
    """A key that the artist made in the page and can take back."""
    segments: int
    doubts: int
    locked: int
    drawing: str
    """Tells one version of its file from another."""
    shape: int
    """Grows when lines or labels change."""
    paint: int
    """Grows when colors change."""
    hold: int
    """Frames shown in playback."""
    edited: bool
    message: str
    """Why it failed, or what became of its file meanwhile."""


class Settings(Message):
    """What the whole page goes by."""

    below: float
    fps: int


class BusyWith(Message):
    """What is being done in the background."""

    what: Literal["preparing", "matching", "exporting"]
    done: int
    total: int


class Change(Message):
    """Sent to every page at each change."""

    version: int
    """Of the project; 0: no cut is open."""
    busy: BusyWith | None


class Shown(Message):
    """A cel seen for some frames; null: nothing is seen."""

    cel: int | None
    frames: int


class Track(Message):
    """When the cels of a column are seen."""

    column: str
    shown: list[Shown]


class PictureFormat(Message):
    """A format of pictures that is read, and how names of such files end."""

    name: str
    suffixes: tuple[str, ...]


class ProjectState(Message):
    """Everything the page shows but pictures and segments."""

    started: bool
    version: int
    palette_version: int
    """Grows when palette ids stand for other colors."""
    name: str
    cut: str
    out: str
    palette: list[Color]
    cels: list[CelSummary]
    settings: Settings
    undo: str | None
    redo: str | None
    left: int
    total: int
    busy: BusyWith | None
    timeline: list[Track]
    """When the timesheet shows what; empty without one."""
    warnings: list[str]
    formats: list[PictureFormat]


class Segment(Message):
    """A segment of a cel."""

    label: int
    box: tuple[int, int, int, int]
    """x0, y0, x1, y1; the last row and column are outside."""
    area: int
    at: tuple[int, int]
    color: int
    """A palette id; 0 is bare paper, -1 is unknown."""
    confidence: float
    locked: bool
    alternatives: list[int]


class CelState(Message):
    """A cel with its segments."""

    index: int
    drawing: str
    shape: int
    paint: int
    width: int
    height: int
    segments: list[Segment]


class Line(Message):
    """A piece of a coloured line."""

    at: tuple[int, int]
    box: tuple[int, int, int, int]
    drawn: str
    """The color it was drawn in, `#rrggbb`."""
    becomes: int
    """The palette id it stays in; -1: as it was drawn; -2: paint replaces it."""
    locked: bool


class Match(Message):
    """A segment that another takes its color from."""

    cel: int
    label: int
    score: float


class Matches(Message):
    """Where a segment's color comes from."""

    matches: list[Match]


class Found(Message):
    """The same part in another cel."""

    cel: int
    shape: int
    label: int
    color: int
    confidence: float
    locked: bool


class Same(Message):
    """Where a part is in the other cels."""

    found: list[Found]
    skipped: list[int]
    """Cels without it."""


class Exported(Message):
    """What an export wrote, and where."""

    files: int
    folder: str
    left_out: list[str]
    """A sentence on each cel that was not written."""


class Problem(Message):
    """Why something cannot be done, a sentence for the artist."""

    error: str


# -- from the page ---------------------------------------------------------------------------

# What is decided is decided of the picture that was seen: `shape` of a cel's segments, `drawing` of
# the file they are of, `palette_version` of the ids of colors. If that is another one by now, the
# answer is 409.

Shape = Annotated[int, Field(ge=0)] | None
Drawing = Annotated[str, Field(max_length=64)] | None
PaletteVersion = Annotated[int, Field(ge=0)] | None


class Item(Message):
    """Segments of one cel."""

    cel: Index
    shape: Shape = None
    """Of the segments that were seen: to others the server does nothing."""
    labels: Annotated[list[Label], Field(min_length=1, max_length=100_000)]


Items = Annotated[list[Item], Field(min_length=1, max_length=100_000)]
Cels = Annotated[list[Index], Field(min_length=1, max_length=100_000)]


class Paint(Message):
    """Decide the color of segments."""

    kind: Literal["paint"]
    items: Items
    color: ColorId
    palette_version: PaletteVersion = None


class Accept(Message):
    """Decide that segments keep the color they have."""

    kind: Literal["accept"]
    items: Items


class Release(Message):
    """Give segments back to the prediction."""

    kind: Literal["release"]
    items: Items


class Reset(Message):
    """Take back all that was done to cels."""

    kind: Literal["reset"]
    cels: Cels


class StrokeMade(Message):
    """A stroke; see `shiage.painting.edits.Stroke`."""

    kind: Literal["close", "join", "pen", "erase"]
    points: Annotated[list[Place], Field(min_length=1, max_length=10_000)]
    width: Annotated[int, Field(ge=1, le=WIDEST)] = 1
    color: ColorId | None = None
    """Of a pen; without one it draws in black."""


class Edit(Message):
    """Make a stroke on a cel."""

    kind: Literal["edit"]
    cel: Index
    drawing: Drawing = None
    stroke: StrokeMade
    palette_version: PaletteVersion = None


class ColorLine(Message):
    """Decide what becomes of the coloured line at a pixel, see `Line`; null: as predicted."""

    kind: Literal["line"]
    cel: Index
    drawing: Drawing = None
    at: Place
    becomes: Annotated[int, Field(ge=PAINTED_OVER, le=1_000_000)] | None
    palette_version: PaletteVersion = None


class MakeReference(Message):
    """Make a cel a reference, or no longer one."""

    kind: Literal["reference"]
    cel: Index
    shape: Shape = None
    on: bool


class AddColor(Message):
    """Add a color to the palette."""

    kind: Literal["color_add"]
    color: ColorText
    name: Name = ""


class ChangeColor(Message):
    """Change a color wherever it is painted."""

    kind: Literal["color_change"]
    id: ColorId
    color: ColorText
    palette_version: PaletteVersion = None


class RenameColor(Message):
    """Give a color another name."""

    kind: Literal["color_rename"]
    id: ColorId
    name: Name
    palette_version: PaletteVersion = None


class Hold(Message):
    """Set for how many frames cels are shown."""

    kind: Literal["hold"]
    cels: Cels
    frames: Annotated[int, Field(ge=0, le=10_000)]


class ChangeSettings(Message):
    """Set what counts as doubtful, and the speed of previews."""

    kind: Literal["settings"]
    below: Annotated[float, Field(ge=0, le=1)] | None = None
    fps: Annotated[int, Field(ge=1, le=MAX_FPS)] | None = None


class Undo(Message):
    """Take back the last action."""

    kind: Literal["undo"]


class Redo(Message):
    """Do it again."""

    kind: Literal["redo"]


Action = Annotated[
    Paint
    | Accept
    | Release
    | Reset
    | Edit
    | ColorLine
    | MakeReference
    | AddColor
    | ChangeColor
    | RenameColor
    | Hold
    | ChangeSettings
    | Undo
    | Redo,
    Field(discriminator="kind"),
]


class Export(Message):
    """Write the painted cut; see `shiage.web.export`."""

    format: Literal["cels", "psd", "svg", "mp4", "gif"]
    layers: Literal["together", "separate"] = "together"
    changed_only: bool = False
    line_edits: bool = False
    overwrite: bool = False
