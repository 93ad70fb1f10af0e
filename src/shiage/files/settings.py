"""Tables of TOML or JSON → settings, with errors that name the setting and what it takes."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from typing import Any, Literal, TypeVar, get_args, get_origin

import msgspec

from shiage.errors import BadOption

Settings = TypeVar("Settings", bound=msgspec.Struct)

_WORDS = {
    "`int`": "a whole number",
    "`float`": "a number",
    "`bool`": "true or false",
    "`str`": "text",
    "`array`": "a list",
    "`object`": "a table",
}


def read_settings(table: Mapping[str, Any], kind: type[Settings]) -> Settings:
    """Return a struct made of a table; what the table leaves out has its default.

    Raises:
        BadOption: a key is unknown (the nearest known one is named), or a value is of another type
            or out of range.
    """
    _require_known(table, kind, "")
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$")
        said = re.sub("`[a-z]+`", lambda word: _WORDS.get(word[0], word[0]), message)
        where = place.strip("`.") or "the settings"
        raise BadOption(f"{where}: {said[:1].lower()}{said[1:]}") from error


def nearest(word: str, known: Collection[str]) -> str:
    """Return the known word that an unknown one is most like."""
    return difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.0)[0]


def _require_known(table: Mapping[str, Any], kind: type[msgspec.Struct], where: str) -> None:
    """Raise unless all keys are fields, and those with a choice of values hold one of them.

    Raises:
        BadOption: a key or a value is unknown.
    """
    fields = {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
    for key, value in table.items():
        if key not in fields:
            raise BadOption(
                f"there is no setting {where}{key}",
                expected=f"one of {', '.join(fields)}",
                action=f"Did you mean {where}{nearest(key, fields)}?",
            )
        wanted = fields[key]
        if get_origin(wanted) is Literal and value not in get_args(wanted):
            raise BadOption(
                f"{where}{key} is {value!r}", expected=f"one of {', '.join(get_args(wanted))}"
            )
        is_table = isinstance(wanted, type) and issubclass(wanted, msgspec.Struct)
        if is_table and isinstance(value, Mapping):
            _require_known(value, wanted, f"{where}{key}.")
