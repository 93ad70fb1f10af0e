"""Which colors are stand-ins (仮色) until the real ones are decided: told by their names."""

from __future__ import annotations

import re
import unicodedata

_WORDS = re.compile(
    r"""
      未決 | 仮色 | 仮[塗決置]            # not decided; provisional color, paint, decision, placing
    | (?<!\w) 仮 (?![㐀-鿿々])            # before a part's name, but no word such as 仮面, a mask
    | (?<!虚) 仮 \d* (?!\w)               # after it
    | (?<![a-z]) (?: temp | temporary | tmp | stand[ -]?ins? | placeholder ) (?![a-z])
    """,
    re.VERBOSE,
)


def is_stand_in(name: str) -> bool:
    """Return whether a name, of a color or of its group, says that the color is a stand-in.

    >>> [is_stand_in(name) for name in ("仮色", "スカート（仮）", "skirt TEMP", "StandIn")]
    [True, True, True, True]
    >>> [is_stand_in(name) for name in ("仮面", "仮面の影", "平仮名", "temple", "attempt")]
    [False, False, False, False, False]
    """
    plain = unicodedata.normalize("NFKC", name).replace("_", " ")
    return _WORDS.search(plain.casefold()) is not None
