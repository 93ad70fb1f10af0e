"""Options that set fields of a `CutJob`, and the job that a command gets, made of them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any, cast

import click
import msgspec
from click.core import ParameterSource
from rich_click import RichOption

from shiage.commands.presets import used_presets
from shiage.commands.terminal import F
from shiage.cuts.job import CutJob

PLAIN = CutJob(Path())
"""Where nothing is given."""


class Setting(RichOption):
    """An option that sets a field of a `CutJob`.

    Args:
        field: the path of the field, such as "recipe.settings.snap".
        names: of the option, such as "-o", "--out".
        panel: of the help.
        read: returns the field's value for the text given; what is None stays None.
        more: as `click.option` takes it. Without a default there, it is that of the field.
    """

    def __init__(
        self,
        field: str,
        *names: str,
        panel: str,
        read: Callable[[Any], Any] | None = None,
        **more: Any,
    ) -> None:
        self.field = field
        plain = attrgetter(field)(PLAIN)
        if "default" not in more and not more.get("multiple"):
            more["default"] = plain
        more.setdefault("show_default", more.get("default") not in (None, False))
        if read is not None:
            more["callback"] = lambda _, __, value: None if value is None else read(value)
        super().__init__([*names, field.replace(".", "_")], panel=panel, **more)


def job_options(settings: Sequence[Setting]) -> Callable[[F], F]:
    """Add options to a command, which gets the job made of them as `job`; its folder is open."""

    def add(command: F) -> F:
        @functools.wraps(command)
        def with_job(**values: Any) -> Any:
            fields = {setting.field: values.pop(setting.name or "") for setting in settings}
            return command(job=make_job(settings, fields), **values)

        for setting in reversed(settings):
            _add_param(with_job, setting)
        return cast(F, with_job)

    return add


def make_job(settings: Sequence[Setting], fields: Mapping[str, Any]) -> CutJob:
    """Return the job that has these fields, and knows which of them the command line gives."""
    source = click.get_current_context().get_parameter_source
    given = [s.field for s in settings if source(s.name or "") == ParameterSource.COMMANDLINE]
    recipe = [field.split(".")[1] for field in given if field.startswith("recipe.")]
    job = CutJob(Path.cwd(), presets=used_presets(), given=frozenset(recipe))
    return cast(CutJob, _with_fields(job, fields))


def _with_fields(whole: msgspec.Struct, fields: Mapping[str, Any]) -> msgspec.Struct:
    """Return a struct with fields changed; a path such as "names.also" is a field of a field."""
    changes: dict[str, Any] = {}
    parts: dict[str, dict[str, Any]] = {}
    for path, value in fields.items():
        head, dot, rest = path.partition(".")
        if dot:
            parts.setdefault(head, {})[rest] = value
        else:
            changes[head] = value
    for head, inner in parts.items():
        changes[head] = _with_fields(getattr(whole, head), inner)
    return msgspec.structs.replace(whole, **changes)


def _add_param(command: Callable[..., Any], option: click.Option) -> None:
    """Add an option to a function that a command is made of, on top of those it has."""
    vars(command).setdefault("__click_params__", []).append(option)
