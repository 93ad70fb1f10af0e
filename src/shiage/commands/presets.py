"""Options as a studio sets them once, in `shiage.toml`, for the cuts in a folder and below it.

Keys are the long names of options. The nearest file counts, alone, from the folder of the drawings
up to the root of the file system; the command line has the last word. Values go through the checks
of the options themselves.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click
from rich_click import RichCommand, RichOption
from rich_click.rich_panel import RichOptionPanel

from shiage.commands.terminal import PANELS, SCRIPTING, print_rows
from shiage.errors import BadPresets, ShiageError
from shiage.files.nesting import read_toml
from shiage.files.settings import nearest

PRESETS_FILE = "shiage.toml"

NONE = "none"
"""The value of `--presets` that looks for no file."""

OF_ONE_RUN = frozenset({"force", "help", "json", "only", "out", "presets", "quiet", "resume"})
"""Options that belong to one run; a preset of them would overwrite unasked, or hide things."""

_ACTION = "Correct it there, or ignore presets with --presets none"
_FILE = "shiage.presets.file"
_GIVEN = "shiage.presets.given"


PRESETS = RichOption(
    ["--presets"],
    panel=SCRIPTING,
    metavar=f"FILE|{NONE}",
    expose_value=False,
    help="File of presets.  [default: the nearest shiage.toml, from the drawings' folder up]",
)


class PresetCommand(RichCommand):
    """A command whose options may be preset in the folder of its first argument, or above it."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.params.append(PRESETS)
        self.panels = [RichOptionPanel(name) for name in ("Options", *PANELS)]

    def get_help_option(self, ctx: Any) -> click.Option | None:
        """Return the option --help, in its panel."""
        option = super().get_help_option(ctx)
        if isinstance(option, RichOption):
            option.panel = SCRIPTING
        return option

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the command line, with presets in place of the defaults."""
        given = self.make_parser(ctx).parse_args(list(args))[0]
        place = next(p.name for p in self.params if isinstance(p, click.Argument))
        path = None if given.get("help") else _choose(given.get("presets"), given.get(place))
        if path is not None:
            ctx.default_map = _read(path, self, ctx)
        ctx.meta[_FILE], ctx.meta[_GIVEN] = path, given
        ctx.allow_extra_args = True  # to say what they may be meant for
        rest = super().parse_args(ctx, args)
        if rest:
            ctx.fail(self._explain_extra(rest, given, ctx.command_path))
        return rest

    def _explain_extra(self, extra: list[str], given: Mapping[str, Any], command: str) -> str:
        """Return what is wrong with arguments too many, and how they may be meant."""
        arguments = [str(given[p.name]) for p in self.params if isinstance(p, click.Argument)]
        message = f"{extra[0]} is one path too many after {' '.join(arguments)}."
        if not any("--ref" in param.opts for param in self.params):
            return message
        cut = Path(arguments[0])
        if cut.is_file():
            return f"{message} Drawings are given by their folder: {command} {cut.parent}"
        meant = " ".join(f"--ref {path}" for path in extra)
        return f"{message} References go with --ref: {command} {cut} {meant}"

    def invoke(self, ctx: click.Context) -> Any:
        """Tell which presets are used, and run the command."""
        path = ctx.meta[_FILE]
        if path is not None and not (ctx.params.get("quiet") or ctx.params.get("as_json")):
            print_rows({"presets": str(path)})
        return super().invoke(ctx)


def used_presets() -> Path | None:
    """Return the file of presets that the running command uses."""
    path: Path | None = click.get_current_context().meta.get(_FILE)
    return path


def given_arguments(options: Iterable[click.Option]) -> list[str]:
    """Return what the command line gives of some options, presets aside, as it has them."""
    given = click.get_current_context().meta[_GIVEN]
    arguments: list[str] = []
    for option in options:
        if option.name not in given:
            continue
        value = given[option.name]
        if option.is_flag:
            arguments.append((option.opts if value else option.secondary_opts)[-1])
            continue
        for one in value if option.multiple else [value]:
            arguments += [option.opts[-1], *([one] if option.nargs == 1 else one)]
    return arguments


def find_presets(place: Path) -> Path | None:
    """Return the nearest `shiage.toml`, from a folder or file upward."""
    place = place.resolve()
    for folder in (place, *place.parents):
        with contextlib.suppress(OSError):  # one that may not be looked into has none
            if (folder / PRESETS_FILE).is_file():
                return folder / PRESETS_FILE
    return None


def _choose(asked: object, place: object) -> Path | None:
    """Return the file asked for, else the nearest one; both as the parser gives them."""
    if not isinstance(asked, str):
        return find_presets(Path(place if isinstance(place, str) else "."))
    return None if asked == NONE else Path(asked).resolve()


def _read(path: Path, command: click.Command, ctx: click.Context) -> dict[str, Any]:
    """Return presets by the names of parameters, those of other commands left out.

    Raises:
        BadPresets: the file cannot be read, or says what no option knows or takes.
    """
    try:
        table = read_toml(path.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise BadPresets(
            f"cannot be read ({getattr(error, 'strerror', None) or error})",
            path=path,
            expected="presets in TOML, such as gap = 8",
            action=_ACTION,
        ) from error
    options = _options(command)
    presets: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            raise BadPresets(
                f"has a table [{key}]", path=path, expected="keys without any table", action=_ACTION
            )
        if key in options:
            presets[options[key].name or ""] = _take(key, value, options[key], path, ctx)
        elif key not in (known := _known(ctx.find_root())):
            raise _unknown(key, known, path)
    return presets


def _known(root: click.Context) -> set[str]:
    """Return the options of all commands that may be preset."""
    group = root.command
    commands: list[click.Command | None] = [group]
    if isinstance(group, click.Group):
        commands = [group.get_command(root, name) for name in group.list_commands(root)]
    return {key for c in commands if isinstance(c, PresetCommand) for key in _options(c)}


def _options(command: click.Command) -> Mapping[str, click.Option]:
    """Return the options that may be preset, by their long names."""
    return {
        name.removeprefix("--"): option
        for option in command.params
        if isinstance(option, click.Option)
        for name in option.opts
        if name.startswith("--") and name.removeprefix("--") not in OF_ONE_RUN
    }


def _unknown(key: str, known: set[str], path: Path) -> BadPresets:
    if key in OF_ONE_RUN:
        return BadPresets(
            f"{key} cannot be preset",
            path=path,
            expected="options that hold for every run",
            action=f"Take it out there, and give --{key} on the command line",
        )
    return BadPresets(
        f"there is no option {key}",
        path=path,
        expected="long names of options, such as gap or trace-hue",
        action=f"Did you mean {nearest(key.replace('_', '-'), known)}? {_ACTION}",
    )


def _take(key: str, value: Any, option: click.Option, path: Path, ctx: click.Context) -> Any:
    """Return a preset as the command line would give it, once it has passed the option's checks."""
    written = f"{key} = {json.dumps(value, ensure_ascii=False, default=str)}"
    try:
        taken = _convert(value, option, path.parent)
        option.process_value(ctx, taken)
    except click.BadParameter as error:
        found, expected = error.message.rstrip("."), ""
    except ShiageError as error:
        found, expected = error.found, error.expected
    except TypeError:
        found, expected = "of the wrong kind", _kind_of(option)
    else:
        return taken
    raise BadPresets(f"{written}: {found}", path=path, expected=expected, action=_ACTION)


def _convert(value: Any, option: click.Option, folder: Path) -> Any:
    """Return a value of TOML as Click takes it; paths are relative to the folder of the file.

    Raises:
        TypeError: it is of another kind than the option's.
    """
    if option.is_flag:
        return _only(value, bool)
    many = value if isinstance(value, list) else [value]
    if option.nargs > 1:
        rows = many if option.multiple and all(isinstance(row, list) for row in many) else [many]
        pairs = [tuple(_convert_one(part, option, folder) for part in row) for row in rows]
        if any(len(pair) != option.nargs for pair in pairs):
            raise TypeError
        return pairs if option.multiple else pairs[0]
    if option.multiple:
        return [_convert_one(one, option, folder) for one in many]
    return _convert_one(value, option, folder)


def _convert_one(value: Any, option: click.Option, folder: Path) -> Any:
    kind = option.type
    if isinstance(kind, click.types.IntParamType):
        return _only(value, int)
    if isinstance(kind, click.types.FloatParamType):
        return _only(value, int, float)
    if isinstance(kind, click.Path) or (
        "--matcher" in option.opts and str(value).endswith(".json")
    ):
        return str(folder / _only(value, str))
    return str(_only(value, str, int, float))


def _only(value: Any, *kinds: type) -> Any:
    if type(value) not in kinds:
        raise TypeError
    return value


def _kind_of(option: click.Option) -> str:
    """Return what values an option takes, for messages."""
    kind = "text or a number"
    if option.is_flag:
        return "true or false"
    if isinstance(option.type, click.types.IntParamType):
        kind = "a whole number"
    elif isinstance(option.type, click.types.FloatParamType):
        kind = "a number"
    elif isinstance(option.type, click.Path):
        kind = "a path in quotes"
    if option.nargs > 1:
        kind = f"{option.nargs} paths in brackets"
    return f"{kind}, or a list of such" if option.multiple else kind
