"""The tags that OpenToonz writes: like XML, but with quoted texts and bare words between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from shiage.errors import DamagedPalette

_BLANK = r"[ \t\r\n\f\v]"
_QUOTED = r'"(?:\\.|[^"\\])*"'
_ATTRIBUTE = rf"{_BLANK}+[\w.\-]+{_BLANK}*={_BLANK}*(?:{_QUOTED}|'(?:\\.|[^'\\])*')"
_TOKEN = re.compile(
    rf"(?P<skip>{_BLANK}+|<!--.*?-->)"
    rf"|<(?P<end>/?){_BLANK}*(?P<tag>[A-Za-z0-9][\w.\-]*)(?P<attributes>(?:{_ATTRIBUTE})*){_BLANK}*(?P<single>/?)>"
    rf"|(?P<quoted>{_QUOTED})"
    r'|(?P<bare>[^ \t\r\n\f\v<"]+)',
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(['\"\\])")


@dataclass(slots=True)
class Tag:
    """One tag and what is in it.

    Attributes:
        name: of the tag.
        attributes: as they stand in the tag, with the space before them.
        start: place of its `<` in the text.
        end: place behind its closing `>`.
        words: texts in it, unescaped.
        children: tags in it.
    """

    name: str
    attributes: str
    start: int
    end: int = 0
    words: list[str] = field(default_factory=list)
    children: list[Tag] = field(default_factory=list)

    def find(self, name: str) -> Iterator[Tag]:
        """Yield the tags of a name in it."""
        return (child for child in self.children if child.name == name)

    def numbers(self) -> list[int]:
        """Return the whole numbers among its words."""
        return [int(word) for word in self.words if is_number(word)]


def is_number(word: str) -> bool:
    """Return whether a word is a whole number of sensible size."""
    return re.fullmatch("-?[0-9]{1,9}", word) is not None


def parse(text: str) -> Tag:
    """Return the first tag of a text.

    Raises:
        DamagedPalette: the tag is not closed, or not as tags are.
    """
    top = Tag("", "", 0)
    open_tags = [top]
    at = 0
    while not top.children or len(open_tags) > 1:
        token = _TOKEN.match(text, at)
        if token is None:
            raise _damaged(text, at, open_tags[-1])
        here = open_tags[-1]
        at = token.end()
        if token["tag"] and token["end"]:
            if token["tag"] != here.name:
                raise _damaged(text, token.start(), here)
            here.end = at
            open_tags.pop()
        elif token["tag"]:
            tag = Tag(token["tag"], token["attributes"], token.start(), at)
            here.children.append(tag)
            if not token["single"]:
                open_tags.append(tag)
        elif token["quoted"] is not None:
            here.words.append(_ESCAPED.sub(r"\1", token["quoted"][1:-1]))
        elif token["bare"]:
            here.words.append(token["bare"])
    return top.children[0]


def word(text: str) -> str:
    r"""Return a text as OpenToonz writes it: bare and with a space behind it if it may be.

    >>> print(word("skin_1") + word("it's 1"))
    skin_1 "it\'s 1"
    """
    if re.fullmatch("[A-Za-z0-9_%]+", text):
        return text + " "
    if not text:
        return '"" '
    return '"' + re.sub(r"(['\"\\])", r"\\\1", text) + '"'


def _damaged(text: str, at: int, inside: Tag) -> DamagedPalette:
    line = text.count("\n", 0, at) + 1
    what = "cannot be understood" if ">" in text[at:] else "ends"
    return DamagedPalette(
        f"the OpenToonz palette {what} in line {line:,}",
        expected=f"</{inside.name}>" if inside.name else "<palette>",
        action="Copy or export the file again",
    )
