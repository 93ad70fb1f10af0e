"""The options of `shiage paint`, each declared once; other commands take them from here.

An option is a field of a `CutJob`, named by its path, and a `Setting` in one of the tables below.
All else follows from these two: its default, the panel of the help that it is in, what
`shiage.toml` may say, what `shiage batch` hands on, and the job that a command gets.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import rich_click as click

from shiage.colors.palette import parse_color
from shiage.commands.setting import Setting
from shiage.commands.terminal import COLORS, LINES, OUTPUT, REFERENCES, SCRIPTING
from shiage.cuts.cut import FolderNames
from shiage.errors import BadOption
from shiage.files.formats import WRITTEN
from shiage.files.images import MAX_PIXELS
from shiage.lines.gaps import GapRadius
from shiage.lines.lineart import TRACE_HUES, TraceHue
from shiage.matching import MATCHERS, make_matcher

PATH = click.Path(path_type=Path)
FORMATS = click.Choice([name.lower() for name in WRITTEN])
"""How painted cels can be stored."""


# --- how values are read ------------------------------------------------------------------------


def _read_gap(text: str) -> GapRadius:
    words: dict[str, GapRadius] = {"auto": "auto", "off": "off"}
    return words[text] if text in words else _read_number("--gap", text, 0, 200)


def _read_threshold(text: str) -> int | None:
    return None if text == "auto" else _read_number("--threshold", text, 1, 255)


def _read_number(option: str, text: str, low: int, high: int) -> int:
    if text.isdecimal() and low <= int(text) <= high:
        return int(text)
    raise BadOption(
        f"{option} is {text}",
        expected=f"a whole number from {low} to {high}, or auto"
        + (" or off" if option == "--gap" else ""),
        action="See --help",
    )


def _read_hues(option: str, texts: tuple[str, ...]) -> tuple[TraceHue, ...]:
    return tuple(_read_hue(option, text) for text in texts)


def _read_hue(option: str, text: str) -> TraceHue:
    name, _, span = text.partition("=")
    start, _, stop = span.partition("-")
    try:
        hue = TraceHue(name, float(start), float(stop))
    except ValueError:
        hue = TraceHue("", 0, 0)
    if not (hue.name and 0 <= hue.start <= 360 and 0 <= hue.stop <= 360):
        raise BadOption(
            f"{option} is {text}",
            expected="NAME=FROM-TO in degrees from 0 to 360, such as red=330-30",
            action="See --help",
        )
    return hue


def _read_matcher(name: str) -> str:
    if name not in MATCHERS and not name.endswith(".json"):
        make_matcher(name)  # says what there is
    return name


def _read_color(text: str) -> str:
    parse_color(text)
    return text


def _in_front_of(usual: tuple[str, ...], names: tuple[str, ...]) -> tuple[str, ...]:
    return (*names, *usual)


def _read_painted_name(name: str) -> str:
    if "{cut}" in name and name != "{cut}" and not set(name) & set("/\\\0"):
        return name
    raise BadOption(
        f"--painted-name is {name}",
        expected="a folder's name with {cut} in it, such as {cut}_painted",
        action="See --help",
    )


# --- the options, by panels; within each the commonest first --------------------------------------

SOURCES = (
    Setting(
        "recipe.references",
        "-r",
        "--ref",
        panel=REFERENCES,
        multiple=True,
        type=PATH,
        metavar="PATH",
        help="A painted cel, named like its drawing, or a folder of them. Repeatable. "
        "Without it, those in a folder ref, color or paint beside the drawings are "
        "taken, else layered drawings (PSD) with paint of their own.",
    ),
    Setting(
        "recipe.sheets",
        "--sheet",
        panel=REFERENCES,
        nargs=2,
        multiple=True,
        type=PATH,
        metavar="LINE COLOR",
        help="A model sheet that is no cel of the cut: its drawing and its painting. Without "
        "it, those in a folder model, sheet or 色見本 beside the drawings are taken.",
    ),
    Setting(
        "recipe.hints",
        "--hints",
        panel=REFERENCES,
        multiple=True,
        type=PATH,
        metavar="PATH",
        help="Dots and strokes of color on an unpainted cel, each file named like its drawing: "
        "a layer, a copy of the drawing or a JSON list; or a folder of them. Repeatable. "
        "Without it, those in a folder hint beside the drawings are taken.",
    ),
)
"""What a cut is painted from."""

NAMES = (
    Setting(
        "names.also",
        "--also",
        panel=REFERENCES,
        multiple=True,
        metavar="NAME",
        help="A column or picture that is a cel, though it is called like a background, a book or "
        "a layout (BG, BOOK, LO), lies beside the columns' folders, or is not on the timesheet; "
        "several times for several.",
    ),
    *(
        Setting(
            f"names.{kind}",
            f"--{kind}-folder",
            panel=REFERENCES,
            multiple=True,
            read=partial(_in_front_of, getattr(FolderNames(), kind)),
            metavar="NAME",
            help=f"A folder of that name holds {what}. Repeatable.",
        )
        for kind, what in {
            "line": "the drawings, as line does",
            "color": "coloured cels, as color, paint and ref do",
            "other": "nothing of the cut, as scan and pool do",
        }.items()
    ),
    Setting(
        "names.painted",
        "--painted-name",
        panel=OUTPUT,
        read=_read_painted_name,
        metavar="NAME",
        help="Name of the folder of painted cels, unless --out gives one.",
    ),
)
"""What folders are called."""

SIZES = (
    Setting(
        "recipe.settings.max_pixels",
        "--max-megapixels",
        panel=LINES,
        type=click.FloatRange(min=0, min_open=True),
        default=MAX_PIXELS / 1e6,
        read=lambda millions: round(millions * 1e6),
        help="Refuse larger pictures.",
    ),
)
"""How large pictures may be."""

FRAME_LINES = (
    Setting(
        "recipe.settings.segments.gap",
        "--gap",
        panel=LINES,
        read=_read_gap,
        metavar="PIXELS|auto|off",
        help="Longest gap in the lines to close; auto takes it from the width of the lines.",
    ),
    Setting(
        "recipe.settings.segments.lines",
        "--lines",
        panel=LINES,
        type=click.Choice(["auto", "exact", "drawn"]),
        help="How drawings are split: exact, between lines as they are; drawn, as rough drawings, "
        "faint lines and gaps completed; auto decides for each column.",
    ),
    Setting(
        "recipe.settings.segments.closing",
        "--closing",
        panel=LINES,
        type=click.IntRange(0, 100),
        help="How readily gaps in rough drawings are closed.",
    ),
    Setting(
        "recipe.settings.lines.threshold",
        "--threshold",
        panel=LINES,
        default="auto",
        read=_read_threshold,
        metavar="1-255|auto",
        help="How dark a pixel must be to belong to a line; at 255 only black does.",
    ),
    Setting(
        "recipe.settings.lines.trace_hues",
        "--trace-hue",
        panel=LINES,
        multiple=True,
        read=lambda texts: _read_hues("--trace-hue", texts) or TRACE_HUES,
        metavar="NAME=FROM-TO",
        help="Hues of colour-trace lines in degrees, such as red=330-30. Repeatable. "
        "Replaces the usual red, yellow-green, green and blue.",
    ),
    Setting(
        "recipe.settings.lines.guide_hues",
        "--guide-hue",
        panel=LINES,
        multiple=True,
        read=partial(_read_hues, "--guide-hue"),
        metavar="NAME=FROM-TO",
        help="Hues of guides (塗り分け) in degrees, such as yellow=45-65. Repeatable. "
        "They are neither lines nor traces: paint covers them.",
    ),
    Setting(
        "recipe.settings.lines.all_trace",
        "--all-trace/--no-all-trace",
        panel=LINES,
        help="Black lines are colour trace, too (smoke, glow), or never are. By default they "
        "are where a cel has no black line.",
    ),
    Setting(
        "recipe.settings.segments.min_area",
        "--min-area",
        panel=LINES,
        type=click.IntRange(min=1),
        help="Segments of fewer pixels join a neighbor.",
    ),
    Setting(
        "recipe.settings.segments.merge_slivers",
        "--merge-slivers",
        panel=LINES,
        is_flag=True,
        help="Segments nowhere 3 pixels wide join a neighbor, too.",
    ),
    *SIZES,
)
"""How lines and segments of one drawing are found."""

CUT_LINES = (
    *FRAME_LINES,
    Setting(
        "recipe.settings.lines.all_trace_columns",
        "--all-trace-column",
        panel=LINES,
        multiple=True,
        metavar="NAME",
        help="A column, such as that of smoke, whose black lines are colour trace, whatever "
        "--all-trace says. Repeatable.",
    ),
)
"""How those of a cut are found."""

PALETTES = (
    Setting(
        "recipe.palettes",
        "--palette",
        panel=COLORS,
        multiple=True,
        type=PATH,
        metavar="FILE",
        help="Colors that may be used: .gpl, .aco, .ase, .tpl or .plt. Repeatable.",
    ),
    Setting(
        "recipe.settings.snap",
        "--snap",
        panel=COLORS,
        type=click.IntRange(0, 255),
        metavar="LEVELS",
        help="A reference's color within this many levels (of 255) of a color of --palette becomes "
        "that color; others stay, and are listed.",
    ),
)
"""Which colors may be painted."""

CUT = (
    *SOURCES,
    *CUT_LINES,
    *PALETTES,
    Setting(
        "recipe.settings.traces",
        "--traces",
        panel=COLORS,
        type=click.Choice(["fill", "keep", "auto"]),
        help="Paint over all colour-trace lines, keep all, or do with each what the references "
        "show.",
    ),
    Setting(
        "recipe.matcher",
        "--matcher",
        panel=COLORS,
        read=_read_matcher,
        metavar=f"{'|'.join(MATCHERS)}|CARD",
        help="How segments are matched; CARD is NAME.json as shiage export writes it.",
    ),
    Setting(
        "out",
        "-o",
        "--out",
        panel=OUTPUT,
        type=PATH,
        metavar="FOLDER",
        help="Folder for the painted cels.  [default: the cut's name with _painted]",
    ),
)
"""What `shiage paint` and `shiage ui` share, besides `NAMES`."""

PAINT = (
    *CUT,
    Setting(
        "recipe.settings.undecided",
        "--undecided",
        panel=COLORS,
        read=_read_color,
        metavar="COLOR",
        help="Loud color, such as #ff00ff, for segments too doubtful to paint; see --below.",
    ),
    Setting(
        "recipe.settings.below",
        "--below",
        panel=COLORS,
        type=click.FloatRange(0, 1),
        metavar="P",
        help="Confidence under which a segment is left undecided.",
    ),
    Setting(
        "storage.format",
        "--format",
        panel=OUTPUT,
        type=FORMATS,
        read=str.upper,
        help="How painted cels are stored.  [default: as their drawings are]",
    ),
    Setting(
        "report",
        "--report",
        panel=OUTPUT,
        is_flag=True,
        help="Also write report.html and report.json.",
    ),
    Setting(
        "planes",
        "--planes",
        panel=OUTPUT,
        is_flag=True,
        help="Also write each cel's lines and colors apart, to the folders _lines and _colors.",
    ),
    Setting(
        "storage.paint_layers",
        "--paint-layers",
        panel=OUTPUT,
        type=click.Choice(["one", "color"]),
        help="In a PSD, one layer of paint, or one for each color.",
    ),
    Setting(
        "resume", "--resume", panel=OUTPUT, is_flag=True, help="Go on where an earlier run stopped."
    ),
    Setting(
        "force", "--force", panel=OUTPUT, is_flag=True, help="Paint again what is painted already."
    ),
    Setting(
        "jobs",
        "-j",
        "--jobs",
        panel=SCRIPTING,
        type=click.IntRange(min=1),
        default=lambda: os.cpu_count() or 1,
        show_default="number of cores",
        help="Cels worked on at once.",
    ),
    *NAMES,
)
"""What `shiage paint` takes."""

EACH_CUT = tuple(
    setting
    for setting in PAINT
    if setting.field not in ("recipe.references", "recipe.hints", "out", "jobs")
)
"""What `shiage batch` hands on to the painting of each cut; the others differ from cut to cut."""
