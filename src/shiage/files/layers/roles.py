"""What a layer is for, told by its name.

Upper and lower case, half and full width are one. Of several words the first of the list below
decides: 塗り分け線 is a guide although there is a line in it, 影線 a trace. Between lines and paint
the noun does: "paint line" is a line, "color lines" and 線の色 are traces, "line paint" and
線下塗り are paint. A name that a program gives by itself says nothing.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Role = Literal["line", "trace", "guide", "paint", "paper"]

_LINE = (
    r"(?<![a-z])(out|colou?r)?lines?(colou?r|work)?(?![a-z])|line ?art|\bink(ing)?\b|"
    r"線|清書|ライン|ペン入れ|動画"
)
_PAINT = r"paint|彩色|着色|塗|仕上|ペイント"
_COLOR = r"colou?r|カラー|^色$"
_WORDS: tuple[tuple[Role, str], ...] = (
    (
        "guide",
        r"guide|draft|rough|sketch|memo|\bnotes?\b|reference|"
        r"ガイド|塗り?分け?|指定|指示|下描|下書|下絵|ラフ|アタリ|あたり|メモ|参考",
    ),
    (
        "trace",
        r"trace|(shadow|highlight)[ -]*lines?\b|トレス|色トレ|影線|ハイライト線|色線",
    ),
    ("paper", r"paper|background|\bbg\b|^white$|用紙|背景|台紙|白紙|^[白紙]$"),
)
_ASIDE = (
    r"[(\[【].*?[)\]】]|\b(under|below|beneath|behind|over|above|without|no)\b.*|"
    r"(主?線画?|ライン)の?(下|なし|無し|抜き)"
)
"""What names say beside their noun: color (no lines), paint under lines, 線下塗り."""

_COPY = r"( ?(#|copy|の?コピー|拷贝|副本|拷貝))"
_AFTER = rf"({_COPY}| ?merged| ?[\d()])*"
_PROGRAMS_OWN = re.compile(
    r"(copy of )*((paint|(digital )?water ?color|liquid ink) ?layer|ペイント ?レイヤー|"
    r"color (fill|balance|lookup)|べた塗り|塗りつぶし|カラー(バランス|ルックアップ))"
    rf" ?\d+{_AFTER}|(copy of )+background{_AFTER}|(background|背景){_COPY}{_AFTER}"
)
"""Names with a word for a role in them that programs give to new layers and to copies."""


def role_of(name: str) -> Role | None:
    """Return what a layer or group of that name is for; None if the name does not tell.

    >>> role_of("主線"), role_of("LINE 2"), role_of("色ﾄﾚｽ"), role_of("塗り分け線")
    ('line', 'line', 'trace', 'guide')
    >>> role_of("仕上げ"), role_of("用紙"), role_of("レイヤー 3"), role_of("Paint Layer 3")
    ('paint', 'paper', None, None)
    >>> role_of("Colour line"), role_of("paint (no lines)")
    ('trace', 'paint')
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", unicodedata.normalize("NFKC", name))
    plain = re.sub(r"[\s_]+", " ", apart.casefold()).strip()
    if _PROGRAMS_OWN.fullmatch(plain):
        return None
    for role, words in _WORDS:
        if re.search(words, plain):
            return role
    return _noun(re.sub(_ASIDE, " ", plain)) or _noun(plain)


def _noun(plain: str) -> Role | None:
    """Return whether a name is that of lines or paint: the last word decides.

    Color says of lines that they are traces, and stands for paint by itself.
    """
    line, paint = ([found.end() for found in re.finditer(w, plain)][-1:] for w in (_LINE, _PAINT))
    if line > paint:
        return "trace" if re.search(rf"{_COLOR}|色", plain) else "line"
    return "paint" if paint or re.search(_COLOR, plain) else None
