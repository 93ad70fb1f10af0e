"""What a layer is for, told by its name.

Upper and lower case, half and full width are one. Of several words the first of the list below
decides: 塗り分け線 is a guide although there is a line in it, 影線 a trace.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Role = Literal["line", "trace", "guide", "paint", "paper"]

_WORDS: tuple[tuple[Role, str], ...] = (
    (
        "guide",
        r"guide|draft|rough|sketch|memo|\bnotes?\b|reference|"
        r"ガイド|塗り?分け?|指定|指示|下描|下書|下絵|ラフ|アタリ|あたり|メモ|参考",
    ),
    (
        "trace",
        r"trace|(shadow|highlight)[ _-]*lines?\b|トレス|色トレ|影線|ハイライト線|色線",
    ),
    ("paper", r"paper|background|\bbg\b|^white$|用紙|背景|台紙|白紙|^[白紙]$"),
    ("paint", r"paint|colou?r|彩色|着色|塗|仕上|ペイント|カラー|^色$"),
    (
        "line",
        r"(?<![a-z])(out)?lines?(?![a-z])|line ?art|\bink(ing)?\b|線|清書|ライン|ペン入れ|動画",
    ),
)


def role_of(name: str) -> Role | None:
    """Return what a layer or group of that name is for; None if the name does not tell.

    >>> role_of("主線"), role_of("LINE 2"), role_of("色ﾄﾚｽ"), role_of("塗り分け線")
    ('line', 'line', 'trace', 'guide')
    >>> role_of("仕上げ"), role_of("用紙"), role_of("レイヤー 3")
    ('paint', 'paper', None)
    """
    plain = unicodedata.normalize("NFKC", name).casefold().replace("_", " ").strip()
    return next((role for role, words in _WORDS if re.search(words, plain)), None)
