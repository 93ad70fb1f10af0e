"""What names of layers say."""

from __future__ import annotations

import pytest

from shiage.files.layers.roles import Role, role_of

NAMES: dict[Role | None, list[str]] = {
    "line": [
        "line", "Lines", "LINE 2", "line_art", "LineArt", "ｌｉｎｅ", "outline", "Ink", "線",
        "主線", "実線", "線画", "線画 のコピー", "清書", "ﾗｲﾝ", "ペン入れ", "動画", "line copy 2",
        "仕上げ線", "paint line", "塗り線", "lines over paint", "lines (for paint)",
        "lines (color)",
    ],
    "trace": [
        "trace", "Colour trace", "color-trace lines", "色トレス", "色ﾄﾚｽ", "色トレ", "影線",
        "ハイライト線", "shadow line", "highlight lines", "トレス赤", "色線", "色トレス線",
        "shadow line color",
        "color lines", "Colour line", "line color", "Line Colour 2", "color-line",
        "ColorLines", "colourline", "coloured lines", "outline color", "colors of lines",
        "線色", "線の色", "主線色", "カラー線", "カラーライン", "ライン色", "線画カラー",
    ],
    "guide": [
        "guide", "Paint guide", "塗り分け", "塗分け", "塗分線", "色指定", "draft",
        "下描き", "下書き", "memo", "メモ", "参考", "reference", "rough", "ラフ線画",
    ],
    "paint": [
        "paint", "color", "Colour", "彩色", "塗り", "塗", "仕上げ", "着色", "ﾍﾟｲﾝﾄ", "色",
        "paint layer", "ペイントレイヤー", "line paint",
        "paint (no lines)", "color under lines", "paint below line", "線下塗り", "線の下 彩色",
        "線なし塗り", "線画着色", "ink & paint", "paint copy", "underpainting", "塗りつぶし",
    ],
    "paper": ["paper", "Background", "BG", "背景", "用紙", "白", "white", "Background 2"],
    None: [
        "Layer 1", "レイヤー 3", "hair", "白目", "baseline", "bgm", "", "肌色見本", "Group 1",
        "グループ 1", "フォルダー 1", "Paint Layer 3", "Paint Layer 1 Merged",
        "Copy of Paint Layer 12", "Paint Layer 3 copy 2", "PaintLayer1", "ペイントレイヤー 3",
        "ﾍﾟｲﾝﾄﾚｲﾔｰ3", "ペイントレイヤー１ のコピー", "Vector Layer 2", "ベクターレイヤー 1",
        "Layer 1 copy", "レイヤー 2 のコピー", "Background copy", "Background copy 2",
        "Background #1", "Copy of Background", "背景 のコピー", "背景のコピー 2", "背景 拷贝",
        "Color Fill 1", "べた塗り 1", "Color Balance 2",
        "Слой 1", "Calque 1", "Ebene 1", "Capa 1", "图层 1",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("role", "name"), [(r, n) for r, names in NAMES.items() for n in names])
def test_name(role: Role | None, name: str) -> None:
    assert role_of(name) == role
