"""Options that several commands take, and the settings made of them."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import rich_click as click
from click import get_current_context
from click.core import ParameterSource

from shiage.colors.palette import parse_color
from shiage.colors.snapping import DEFAULT_SNAP
from shiage.cuts.cut import PAINTED_NAME, FolderNames
from shiage.cuts.job import SAVED
from shiage.errors import BadOption
from shiage.files.formats import WRITTEN
from shiage.files.images import MAX_PIXELS
from shiage.lines.gaps import GapRadius
from shiage.lines.lineart import TRACE_HUES, LineSettings, TraceHue
from shiage.lines.segments import SegmentSettings
from shiage.matching import DEFAULT_MATCHER, MATCHERS, make_matcher
from shiage.terminal import F

FORMATS = click.Choice([name.lower() for name in WRITTEN])
"""How painted cels can be stored."""

max_megapixels_option = click.option(
    "--max-megapixels",
    type=click.FloatRange(min=0, min_open=True),
    default=MAX_PIXELS / 1e6,
    show_default=True,
    help="Refuse larger pictures.",
)

traces_option = click.option(
    "--traces",
    type=click.Choice(["fill", "keep", "auto"]),
    default="auto",
    show_default=True,
    help="Paint over all colour-trace lines, keep all, or do with each what the references show.",
)


def palette_options(command: F) -> F:
    """Add the options that tell which colors may be painted."""
    options = [
        click.option(
            "--palette",
            "palettes",
            multiple=True,
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Colors that may be used: .gpl, .aco, .ase, .tpl or .plt; several times for "
            "several.",
        ),
        click.option(
            "--snap",
            type=click.IntRange(0, 255),
            default=DEFAULT_SNAP,
            show_default=True,
            metavar="LEVELS",
            help="A reference's color that is no more than so many levels of 255 off the nearest "
            "one of --palette becomes that; others stay and are told.",
        ),
    ]
    return _add(command, options)


def cut_options(command: F) -> F:
    """Add the options that tell what a cut is painted from, how, and where to."""
    options = [
        click.option(
            "-r",
            "--ref",
            "references",
            multiple=True,
            type=click.Path(path_type=Path),
            metavar="PATH",
            help="A painted cel, named like its drawing, or a folder of them; several times for "
            "several. Without it, those in a folder ref, color or paint beside the drawings are "
            "taken, else layered drawings (PSD) with paint of their own.",
        ),
        click.option(
            "--sheet",
            "sheets",
            nargs=2,
            multiple=True,
            type=click.Path(path_type=Path),
            metavar="LINE COLOR",
            help="A model sheet that is no cel of the cut: its drawing and its painting. Without "
            "it, those in a folder model, sheet or 色見本 beside the drawings are taken.",
        ),
        palette_options,
        click.option(
            "--hints",
            multiple=True,
            type=click.Path(path_type=Path),
            metavar="PATH",
            help="Dots and strokes of color on an unpainted cel, each file named like its drawing: "
            "a layer, a copy of the drawing or a JSON list; or a folder of them; several times for "
            "several. Without it, those in a folder hint beside the drawings are taken.",
        ),
        click.option(
            "-o",
            "--out",
            type=click.Path(path_type=Path),
            metavar="FOLDER",
            help="Folder for the painted cels.  [default: the cut's name with _painted]",
        ),
        click.option(
            "--matcher",
            default=DEFAULT_MATCHER,
            show_default=True,
            callback=_check_matcher,
            metavar=f"{'|'.join(MATCHERS)}|CARD",
            help="How segments are matched; CARD is NAME.json as shiage export writes it.",
        ),
    ]
    return _add(command, options)


def line_options(command: F) -> F:
    """Add the options that tell how lines and segments are found."""
    options = [
        click.option(
            "--gap",
            default="auto",
            show_default=True,
            callback=_read_gap,
            metavar="PIXELS|auto|off",
            help="Longest gap in the lines to close; auto takes it from the width of the lines.",
        ),
        click.option(
            "--threshold",
            default="auto",
            show_default=True,
            callback=_read_threshold,
            metavar="1-255|auto",
            help="How dark a pixel must be to belong to a line; 255 is black alone.",
        ),
        click.option(
            "--trace-hue",
            "trace_hues",
            multiple=True,
            callback=_read_hues,
            metavar="NAME=FROM-TO",
            help="Hues of colour-trace lines in degrees, such as red=330-30; several times for "
            "several. Replaces the usual red, yellow-green, green and blue.",
        ),
        click.option(
            "--guide-hue",
            "guide_hues",
            multiple=True,
            callback=_read_hues,
            metavar="NAME=FROM-TO",
            help="Hues of guides (塗り分け) in degrees, such as yellow=45-65; several times for "
            "several. They are neither lines nor traces: paint covers them.",
        ),
        click.option(
            "--all-trace/--no-all-trace",
            default=None,
            help="Black lines are colour trace, too (smoke, glow), or never are. By default they "
            "are where a cel has no black line.",
        ),
        click.option(
            "--min-area",
            type=click.IntRange(min=1),
            default=SegmentSettings().min_area,
            show_default=True,
            help="Segments of fewer pixels join a neighbor.",
        ),
        click.option(
            "--merge-slivers",
            is_flag=True,
            help="Segments nowhere 3 pixels wide join a neighbor, too.",
        ),
        max_megapixels_option,
    ]
    return _add(command, options)


def column_options(command: F) -> F:
    """Add the options that tell in which columns of a cut lines are found otherwise."""
    options = [
        click.option(
            "--all-trace-column",
            "all_trace_columns",
            multiple=True,
            metavar="NAME",
            help="A column, such as that of smoke, whose black lines are colour trace, whatever "
            "--all-trace says; several times for several.",
        ),
    ]
    return _add(command, options)


def name_options(command: F) -> F:
    """Add the options that tell what folders are called; the command gets them as `names`."""

    @functools.wraps(command)
    def named(
        *args: Any,
        line_folders: tuple[str, ...],
        color_folders: tuple[str, ...],
        other_folders: tuple[str, ...],
        painted_name: str,
        also: tuple[str, ...],
        **others: Any,
    ) -> Any:
        usual = FolderNames()
        names = FolderNames(
            line=(*line_folders, *usual.line),
            color=(*color_folders, *usual.color),
            other=(*other_folders, *usual.other),
            painted=painted_name,
            also=also,
        )
        return command(*args, names=names, **others)

    kinds = {
        "line": "the drawings, as line does",
        "color": "coloured cels, as color, paint and ref do",
        "other": "nothing of the cut, as scan and pool do",
    }
    options = [
        click.option(
            f"--{kind}-folder",
            f"{kind}_folders",
            multiple=True,
            metavar="NAME",
            help=f"A folder of that name holds {what}; several times for several.",
        )
        for kind, what in kinds.items()
    ]
    painted = click.option(
        "--painted-name",
        default=PAINTED_NAME,
        show_default=True,
        metavar="NAME",
        callback=_check_painted_name,
        help="What the folder of painted cels is called where no other is given.",
    )
    also = click.option(
        "--also",
        multiple=True,
        metavar="NAME",
        help="A column or picture that is a cel, though it is called like a background, a book or "
        "a layout (BG, BOOK, LO), lies beside the columns' folders, or is not on the timesheet; "
        "several times for several.",
    )
    return _add(cast(F, named), [*options, painted, also])


def check_color(_: click.Context, __: click.Parameter, text: str | None) -> str | None:
    """Return the text if it is a color, or None; for options."""
    if text is not None:
        parse_color(text)
    return text


def given_fields(*settings: str) -> frozenset[str]:
    """Return which of `job.SAVED` the command line gives, rather than presets or defaults.

    Args:
        settings: names of the parameters that the settings are made of.
    """
    context = get_current_context()
    given = {
        name
        for name in (*SAVED, *settings)
        if context.get_parameter_source(name) == ParameterSource.COMMANDLINE
    }
    return frozenset("settings" if name in settings else name for name in given)


def read_line_options(
    gap: GapRadius,
    threshold: int | None,
    trace_hues: tuple[TraceHue, ...],
    guide_hues: tuple[TraceHue, ...],
    all_trace: bool | None,
    min_area: int,
    merge_slivers: bool,
    max_megapixels: float,
    all_trace_columns: tuple[str, ...] = (),
) -> tuple[LineSettings, SegmentSettings, int]:
    """Return settings from the options that `line_options` and `column_options` add."""
    traces = trace_hues or TRACE_HUES
    return (
        LineSettings(threshold, traces, all_trace, guide_hues, all_trace_columns),
        SegmentSettings(gap, min_area, merge_slivers),
        round(max_megapixels * 1e6),
    )


def _read_gap(_: click.Context, __: click.Parameter, text: str) -> GapRadius:
    words: dict[str, GapRadius] = {"auto": "auto", "off": "off"}
    return words[text] if text in words else _read_number("--gap", text, 0, 200)


def _read_threshold(_: click.Context, __: click.Parameter, text: str) -> int | None:
    return None if text == "auto" else _read_number("--threshold", text, 1, 255)


def _read_hues(
    _: click.Context, option: click.Parameter, texts: tuple[str, ...]
) -> tuple[TraceHue, ...]:
    return tuple(_read_hue(option.opts[0], text) for text in texts)


def _check_matcher(_: click.Context, __: click.Parameter, name: str) -> str:
    if name not in MATCHERS and not name.endswith(".json"):
        make_matcher(name)  # says what there is
    return name


def _check_painted_name(_: click.Context, __: click.Parameter, name: str) -> str:
    if "{cut}" in name and name != "{cut}" and not set(name) & set("/\\\0"):
        return name
    raise BadOption(
        f"--painted-name {name} makes no sense",
        expected="a folder's name with {cut} in it, such as {cut}_painted",
        action="See --help",
    )


def _read_number(option: str, text: str, low: int, high: int) -> int:
    if text.isdecimal() and low <= int(text) <= high:
        return int(text)
    raise BadOption(
        f"{option} {text} makes no sense",
        expected=f"a whole number from {low} to {high}, or auto"
        + (" or off" if option == "--gap" else ""),
        action="See --help",
    )


def _read_hue(option: str, text: str) -> TraceHue:
    name, _, span = text.partition("=")
    start, _, stop = span.partition("-")
    try:
        hue = TraceHue(name, float(start), float(stop))
    except ValueError:
        hue = TraceHue("", 0, 0)
    if not (hue.name and 0 <= hue.start <= 360 and 0 <= hue.stop <= 360):
        raise BadOption(
            f"{option} {text} makes no sense",
            expected="NAME=FROM-TO in degrees from 0 to 360, such as red=330-30",
            action="See --help",
        )
    return hue


def _add(command: F, options: Sequence[Any]) -> F:
    """Return the command with options, the first on top in its help."""
    for option in reversed(options):
        command = option(command)
    return command
