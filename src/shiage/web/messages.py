"""What the page and the server say to each other; page/src/api.ts has the same types."""

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

    model_config = ConfigDict(extra="forbid")


# -- from the server -------------------------------------------------------------------------


class Color(Message):
    """A color of the palette; `color` is "none" for the bare paper."""

    id: int
    color: str
    name: str
    uses: int


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
    segments: int
    doubts: int
    locked: int
    drawing: str
    shape: int
    paint: int
    hold: int
    edited: bool
    message: str


class Settings(Message):
    """What the whole page goes by."""

    below: float
    fps: int


class BusyWith(Message):
    """What is being done in the background."""

    what: Literal["preparing", "matching", "exporting"]
    done: int
    total: int


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
    warnings: list[str]
    formats: list[PictureFormat]


class Segment(Message):
    """A segment of a cel; color -1 = not known."""

    label: int
    box: tuple[int, int, int, int]
    area: int
    at: tuple[int, int]
    color: int
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
    """A piece of a coloured line.

    `becomes` is the id of the color it stays in; -1: as it was drawn; -2: paint replaces it.
    """

    at: tuple[int, int]
    box: tuple[int, int, int, int]
    drawn: str
    becomes: int
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
    """Where a part is in the other cels; `skipped`: cels without it."""

    found: list[Found]
    skipped: list[int]


class Exported(Message):
    """What an export wrote, and where; and a sentence on each cel that was left out."""

    files: int
    folder: str
    left_out: list[str]


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


class Edit(Message):
    """Make a stroke on a cel; a pen without a color draws in black."""

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
