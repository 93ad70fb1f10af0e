"""JSON and TOML nested no deeper than we say; where parsers give up differs by Python's version.

Numbers of TOML are finite, as those of JSON are.
"""

from __future__ import annotations

import math
import re
import tomllib
from typing import Any, TypeVar

import numpy as np

MOST_NESTED = 100
"""Lists and objects within one another; nothing that shiage reads needs ten."""

_NOT_BRACKETS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[^\[\]{}"]++', re.DOTALL)
_STEP = np.zeros(256, np.int8)
_STEP[list(b"[{")] = 1
_STEP[list(b"]}")] = -1

Json = TypeVar("Json", bytes, memoryview, str)


def shallow(json: Json) -> Json:
    """Return the text of JSON as it is; every parser can follow it into its depth.

    Raises:
        ValueError: it is nested more than `MOST_NESTED` deep.
    """
    content = json.encode("utf-8", "surrogatepass") if isinstance(json, str) else json
    brackets = np.frombuffer(_NOT_BRACKETS.sub(b"", content), np.uint8)
    if np.cumsum(_STEP[brackets], dtype=np.int64).max(initial=0) > MOST_NESTED:
        raise _too_deep()
    return json


def read_toml(text: str) -> dict[str, Any]:
    """Return the table that a TOML text holds.

    Raises:
        ValueError: it is no TOML, nested more than `MOST_NESTED` deep, or holds inf or nan.
    """
    try:
        table = tomllib.loads(text, parse_float=_finite)
    except RecursionError as error:
        raise _too_deep() from error
    level: list[Any] = [table]
    for _ in range(MOST_NESTED + 1):  # the text itself is the outermost table
        values = (
            v for outer in level for v in (outer.values() if isinstance(outer, dict) else outer)
        )
        level = [value for value in values if isinstance(value, dict | list)]
    if level:
        raise _too_deep()
    return table


def _finite(text: str) -> float:
    """Return the number that a text of TOML stands for.

    Raises:
        ValueError: it is infinite, or none.
    """
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is not a finite number")
    return number


def _too_deep() -> ValueError:
    return ValueError(f"nested more than {MOST_NESTED} deep")
