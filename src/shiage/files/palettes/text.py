"""Text in palette files: its encoding, its lines, and what may not stand in a name."""

from __future__ import annotations

import re

_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_MAX_NOTES = 20


class Notes:
    """Warnings collected while a file is read; of a great many only the first are kept."""

    def __init__(self) -> None:
        self._sentences: list[str] = []
        self._more = 0

    def add(self, sentence: str) -> None:
        """Take one more sentence."""
        if len(self._sentences) < _MAX_NOTES:
            self._sentences.append(sentence)
        else:
            self._more += 1

    def result(self) -> tuple[str, ...]:
        """Return the sentences."""
        more = (f"There are {self._more:,} more such warnings.",) if self._more else ()
        return (*self._sentences, *more)


def decode_text(data: bytes, notes: Notes) -> str:
    """Return a file's text: UTF-8, else Shift-JIS as Japanese Windows has it, else Latin-1."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            notes.add("The file ends within a character; it may be cut off.")
            return data[: error.start].decode("utf-8-sig")
    try:
        text = data.decode("cp932")
    except UnicodeDecodeError:
        notes.add("The names are not in UTF-8 and were read as Latin-1; some may be wrong.")
        return data.decode("latin-1")
    notes.add("The names are not in UTF-8 and were read as Shift-JIS.")
    return text


def split_lines(text: str) -> list[str]:
    r"""Return the lines of a text. Signs that only Unicode takes for line breaks stay in names.

    >>> split_lines("a\r\nb\u2028c")
    ['a', 'b\u2028c']
    """
    return re.split(r"\r\n|\r|\n", text)


def clean(name: str) -> str:
    r"""Return a name without what no file can hold: control characters become spaces.

    >>> clean("肌\n影")
    '肌 影'
    """
    return _SURROGATES.sub("\ufffd", _CONTROLS.sub(" ", name))


def quoted(text: str) -> str:
    r"""Return a text in quotes, with the quotes and backslashes in it escaped.

    >>> print(quoted('a "b"'))
    "a \"b\""
    """
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


def listed(numbers: list[int]) -> str:
    """Return numbers for a sentence, of many only the first.

    >>> listed([4, 7])
    '4, 7'
    """
    return ", ".join(map(str, numbers[:10])) + (" and others" if len(numbers) > 10 else "")


def labeled(number: int, name: str) -> str:
    """Return how a sentence calls a color.

    >>> labeled(3, "肌")
    "Color 3 ('肌')"
    """
    return f"Color {number} ({name!r})" if name else f"Color {number}"
