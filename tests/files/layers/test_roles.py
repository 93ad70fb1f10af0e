"""What names of layers say."""

from __future__ import annotations

import pytest

from shiage.files.layers.roles import Role, role_of

NAMES: dict[Role | None, list[str]] = {
    "line": [
        "line", "Lines", "LINE 2", "line_art", "LineArt", "ｌｉｎｅ", "outline", "Ink", "線",
        "主線", "実線", "線画", "線画 のコピー", "清書", "ﾗｲﾝ", "ペン入れ", "動画",
    ],
    "trace": [
        "trace", "Colour trace", "color-trace lines", "色トレス", "色ﾄﾚｽ", "色トレ", "影線",
        "ハイライト線", "shadow line", "highlight lines", "トレス赤",
    ],
    "guide": [
        "guide", "Paint guide", "塗り分け", "塗分け", "塗分線", "色指定", "draft",
        "下描き", "下書き", "memo", "メモ", "参考", "reference", "rough", "ラフ線画",
    ],
    "paint": ["paint", "color", "Colour", "彩色", "塗り", "塗", "仕上げ", "着色", "ﾍﾟｲﾝﾄ", "色"],
    "paper": ["paper", "Background", "BG", "背景", "用紙", "白", "white"],
    None: ["Layer 1", "レイヤー 3", "hair", "白目", "baseline", "bgm", "", "肌色見本"],
}  # fmt: skip


@pytest.mark.parametrize(("role", "name"), [(r, n) for r, names in NAMES.items() for n in names])
def test_name(role: Role | None, name: str) -> None:
    assert role_of(name) == role
