"""Palette files: colors exact, names exact, and what is lost is told."""

from __future__ import annotations

import contextlib
import dataclasses
import re
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL.GimpPaletteFile import GimpPaletteFile

from shiage import errors
from shiage.colors.palette import Palette
from shiage.files.palettes import (
    PALETTE_FORMATS,
    By,
    Entry,
    PaletteFile,
    PaletteFormat,
    encode_palette,
    from_palette,
    losses,
    pair_entries,
    read_palette,
    to_palette,
    write_palette,
)
from tests.files.samples import saved

GPL = """\
GIMP Palette
Name: 太郎 ノーマル
Columns: 4
# 色指定 2026
255 224 189\t肌
  1   2   3\t255 red
 10  20  30
200 190 180\tskin  shadow \t
""".encode()
ASEPRITE = b"GIMP Palette\nChannels: RGBA\n#\n255 0 0 128 half red\n0 0 0 255\tUntitled\n"

# As Photoshop 7 writes two swatches: version 1, then version 2 with the names.
ACO = bytes.fromhex(
    "0001 0002  0000 ffff 0000 0000 0000  0000 0000 ffff 0000 0000".replace(" ", "")
)
ACO += bytes.fromhex("0002 0002 0000 ffff 0000 0000 0000 0000 0009")
ACO += "Swatch 1\0".encode("utf-16-be")
ACO += bytes.fromhex("0000 0000 ffff 0000 0000 0000 0002")
ACO += "影\0".encode("utf-16-be")

# Written by the library swatch 0.4.0: a gray, and a group 肌 of two RGB, a CMYK and a Lab color.
ASE = bytes.fromhex(
    "415345460001000000000007000100000022000b004c0069006700680074002000470072006500790000"
    "477261793f4000000002c001000000060002808c000000010000001e000530ce30fc30de30eb0000524742"
    "203f8000003f4ccccd3f19999a000200010000001c0004003153f75f710000524742203f48c8c93f008081"
    "3b808081000100010000002000040049006e006b0000434d594b3dcccccd3e4ccccd3e99999a3ecccccd00"
    "0000010000001e0005004300790061006e00004c4142203f19999ac20c0000c0a000000002c00200000000"
)

# As OpenToonz writes it, to the byte: no space behind quotes, closing tags indented.
# A ~ stands for a space at the end of a line.
TPL = """\
<palette name="1611507682_28145">
  <version>
    71 0~
  </version>
  <styles>
    <style>
      color_0 3 255 255 255 0~
    </style>
    <style pickedpos="12,34">
      "|-1611507682_28145-1""@@もと""肌"3 255 224 189 255~
    </style>
    <style>
      _1 "|-1611507682_28145-2"color_2 3 255 0 0 255~
    </style>
    <style>
      color_3 2002 0 0 0 255 0 0 0 255 0 50 70 10~
    </style>
    <style>
      "__1号影 \\"a\\" \\\\ <b>"3 1 2 3 128~
    </style>
    <style>
      _0 _1 3 9 9 9 255~
    </style>
    <style>
      deleted 3 7 7 7 255~
    </style>
    </styles>
  <stylepages>
    <page>
      <name>
        colors~
      </name>
      <indices>
        0 2 3 1~
      </indices>
      </page>
    <page>
      <name>
        "肌 影"
      </name>
      <indices>
        5 4~
      </indices>
      </page>
    </stylepages>
  <animation>
    <style id="1">
      <keyframe frame="3">
        "肌"3 1 1 1 255~
      </keyframe>
    </style>
  </animation>
  <shortcuts>
    9 0 1 2 3 4 5 6 7 8~
  </shortcuts>
  </palette>
""".replace("~", " ").encode()

PLT = """\
ToonBoomAnimationInc PaletteFile 2
Solid    Hair                       0x0c52af9d81aa3618 179  34  66 255
Gradient Hair_grad                  0x0bbf28a8b310d773 Linear
{        0.0 216  54 122  73,
100.0 160  13  91 109 }
Solid    "肌 \\"ノーマル\\""            0xffffffffffffffff 255 224 189 128
Texture  paper                      0x0bbf28a8b310d774 Tile
"TB_Pencil_Texture|"
""".encode()

SAMPLES = {"gpl": GPL, "rgba": ASEPRITE, "aco": ACO, "ase": ASE, "tpl": TPL, "plt": PLT}

NO_ALPHA = ("gpl", "aco", "ase")

# Names that some format might stumble over.
ODD = [
    "",
    "肌　影",
    "　肌",
    "_",
    "1",
    "_1",
    "__a",
    "|a",
    "@b",
    "12 3 4",
    "#a",
    '"',
    "\\",
    "a'b",
    "<b>",
]
ODD += [
    "0x12 1 2 3 4",
    "Name: x",
    "\\n",
    "😀",
    "é\u2028x",
    "{",
    "\ud800",
    "tab\tand\nbreak\x85",
    "3",
]


def read(folder: Path, data: bytes) -> PaletteFile:
    return read_palette(saved(folder / "palette", data))


def again(folder: Path, palette: PaletteFile, palette_format: PaletteFormat) -> PaletteFile:
    """Return a palette after it was written and read."""
    palette_read = read(folder, encode_palette(palette, palette_format))
    assert palette_read.format == palette_format
    return palette_read


def colors_of(palette: PaletteFile) -> list[tuple[str, tuple[int, ...]]]:
    return [(entry.name, entry.rgba_u8) for entry in palette.entries]


def spread(*values: int) -> tuple[int, int, int, int]:
    r, g, b, a = (value * 257 for value in values)
    return r, g, b, a


def plain(name: str) -> str:
    """Return a name as every format can hold it: no control characters, no lone surrogates."""
    return re.sub("[\ud800-\udfff]", "\ufffd", re.sub(r"[\x00-\x1f\x7f]", " ", name))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("palettes")


# --- What each format's files hold


def test_gimp(folder: Path) -> None:
    palette = read(folder, GPL)
    assert colors_of(palette) == [
        ("肌", (255, 224, 189, 255)),
        ("255 red", (1, 2, 3, 255)),
        ("", (10, 20, 30, 255)),
        ("skin  shadow", (200, 190, 180, 255)),
    ]
    assert (palette.name, palette.columns, palette.warnings) == ("太郎 ノーマル", 4, ())
    assert [entry.id for entry in palette.entries] == [1, 2, 3, 4]
    assert again(folder, palette, "gpl") == palette


def test_gimp_with_alpha_of_aseprite(folder: Path) -> None:
    palette = read(folder, ASEPRITE)
    assert colors_of(palette) == [("half red", (255, 0, 0, 128)), ("Untitled", (0, 0, 0, 255))]
    # Neither GIMP nor Krita understands it, so it is not written.
    data = encode_palette(palette, "gpl")
    assert b"Channels" not in data
    assert colors_of(read(folder, data)) == [
        ("half red", (255, 0, 0, 255)),
        ("Untitled", (0, 0, 0, 255)),
    ]


def test_gimp_file_with_alpha_that_an_older_shiage_wrote(folder: Path) -> None:
    data = b"GIMP Palette\nChannels: RGBA\nName: night\nColumns: 3\n#\n  1   2   3 128\t12 veil\n"
    data += b"  4   5   6 255\n"
    palette = read(folder, data)
    assert colors_of(palette) == [("12 veil", (1, 2, 3, 128)), ("", (4, 5, 6, 255))]
    assert (palette.name, palette.columns, palette.warnings) == ("night", 3, ())


def gimp_reads(data: bytes) -> tuple[str, list[tuple[str, tuple[int, ...]]]]:
    """Return name and colors as GIMP 2.10 reads them: one header, comments, numbers by `strtok`."""
    lines = data.decode().split("\n")
    assert lines.pop(0).startswith("GIMP Palette")
    assert lines[0].startswith("Name: ")
    name = lines.pop(0).removeprefix("Name: ").strip()
    if lines[0].startswith("Columns: "):
        assert 0 <= int(lines.pop(0).removeprefix("Columns: ")) < 256
    colors = []
    for line in lines:
        if line and not line.startswith("#"):
            numbers = []
            for _ in range(3):
                token = re.match(r"[ \t]*([^ \t]*)[ \t]?", line)
                assert token
                assert re.fullmatch("[0-9]+", token[1]), "GIMP would take it for 0"
                numbers.append(int(token[1]))
                line = line[token.end() :]
            colors.append((line, tuple(numbers)))
    return name, colors


def krita_reads(data: bytes) -> list[tuple[str, tuple[int, ...]]]:
    """Return the colors as Krita 5 reads them: words by spaces and tabs, after three lines."""
    lines = data.decode().split("\n")
    assert len(lines) >= 3
    assert lines[0].startswith("GIMP Palette")
    assert lines[1].startswith("Name:"), "Krita would refuse it"
    colors = []
    for line in lines[2:]:
        words = line.replace("\t", " ").split(" ")
        words = [word for word in words if word]
        if line.startswith("#") or "Columns" in line or len(words) < 3:
            continue
        colors.append((" ".join(words[3:]), tuple(int(word) for word in words[:3])))
    return colors


def test_gimp_and_krita_read_what_is_written() -> None:
    names = [name for name in ODD if "Columns" not in name]
    entries = [Entry(name, spread(9, 99, 255, 77 + at)) for at, name in enumerate(names)]
    data = encode_palette(PaletteFile(tuple(entries), "a: 肌\nb", columns=4), "gpl")
    wanted = [(plain(name).strip(" "), (9, 99, 255)) for name in names]
    assert gimp_reads(data) == ("a: 肌 b", wanted)
    assert krita_reads(data) == [(" ".join(filter(None, n.split(" "))), c) for n, c in wanted]


def test_gimp_file_is_read_by_pillow(folder: Path) -> None:
    palette = PaletteFile(tuple(Entry("肌", spread(i, 255 - i, i // 2, 255)) for i in range(256)))
    path = folder / "a.gpl"
    write_palette(path, palette)
    with path.open("rb") as file:
        colors, mode = GimpPaletteFile(file).getpalette()
    assert mode == "RGB"
    assert colors == b"".join(bytes(entry.rgba_u8[:3]) for entry in palette.entries)


def test_photoshop(folder: Path) -> None:
    palette = read(folder, ACO)
    assert colors_of(palette) == [("Swatch 1", (255, 0, 0, 255)), ("影", (0, 255, 0, 255))]
    assert encode_palette(palette, "aco") == ACO


def test_photoshop_versions_alone(folder: Path) -> None:
    first, second = ACO[:24], ACO[24:]
    assert colors_of(read(folder, first)) == [("", (255, 0, 0, 255)), ("", (0, 255, 0, 255))]
    assert colors_of(read(folder, second)) == colors_of(read(folder, ACO))
    # Newer versions of Photoshop append more.
    assert colors_of(read(folder, ACO + b"8BIMphry\0\0\0\1")) == colors_of(read(folder, ACO))


def swatches(*colors: tuple[int, ...]) -> bytes:
    """Return Photoshop swatches of version 1."""
    return struct.pack(">2H", 1, len(colors)) + b"".join(struct.pack(">5H", *c) for c in colors)


def test_photoshop_hsb_comes_back_as_the_same_8_bits(folder: Path) -> None:
    # Hue, saturation, brightness of (200, 100, 50), of a gray and of pure blue, in 65535ths.
    hue = round(20 / 360 * 65535)
    stored = [(hue, 49151, 51400), (0, 0, 128 * 257), (round(2 / 3 * 65535), 65535, 65535)]
    palette = read(folder, swatches(*((1, *color, 0) for color in stored)))
    expected = [spread(200, 100, 50, 255), spread(128, 128, 128, 255), spread(0, 0, 255, 255)]
    assert [entry.rgba_u16 for entry in palette.entries] == expected


@pytest.mark.parametrize(
    ("space", "name"), [(2, "CMYK"), (7, "Lab"), (8, "gray"), (3, "Pantone"), (14, "space 14")]
)
def test_photoshop_names_what_is_no_exact_rgb(folder: Path, space: int, name: str) -> None:
    palette = read(folder, swatches((0, 1, 2, 3, 0), (space, 5000, 0, 0, 0), (0, 4, 5, 6, 0)))
    assert [(entry.id, entry.rgba_u16[:3]) for entry in palette.entries] == [
        (1, (1, 2, 3)),
        (3, (4, 5, 6)),
    ]
    (warning,) = palette.warnings
    assert warning.startswith("Color 2 is left out")
    assert name in warning


def test_swatch_exchange_of_another_library(folder: Path) -> None:
    palette = read(folder, ASE)
    assert [(e.id, e.name, e.group, e.rgba_u16, e.kept) for e in palette.entries] == [
        (1, "Light Grey", "", (49151, 49151, 49151, 65535), ("process",)),
        (2, "ノーマル", "肌", (65535, 52428, 39321, 65535), ("process",)),
        (3, "1号影", "肌", spread(200, 128, 1, 255), ("spot",)),
    ]
    assert [("Ink" in w, "CMYK" in w, "Cyan" in w, "LAB" in w) for w in palette.warnings] == [
        (True, True, False, False),
        (False, False, True, True),
    ]
    # Blocks of RGB colors and of groups are written as that library does.
    data = encode_palette(dataclasses.replace(palette, entries=palette.entries[1:]), "ase")
    assert data == struct.pack(">4sHHI", b"ASEF", 1, 0, 4) + ASE[52:134] + ASE[-6:]


def test_swatch_exchange_leaves_out_values_of_no_color(folder: Path) -> None:
    for value in (2.0, -0.5, float("nan"), float("inf")):
        data = bytearray(encode_palette(PaletteFile((Entry("a", spread(1, 2, 3, 255)),)), "ase"))
        data[-6:-2] = struct.pack(">f", value)
        palette = read(folder, bytes(data))
        assert not palette.entries
        assert "between 0 and 1" in palette.warnings[0]


def test_opentoonz(folder: Path) -> None:
    palette = read(folder, TPL)
    assert [(e.id, e.name, e.group, e.rgba_u8, e.autopaint) for e in palette.entries] == [
        (2, "color_2", "colors", (255, 0, 0, 255), True),
        (1, "肌", "colors", (255, 224, 189, 255), False),
        (5, "1", "肌 影", (9, 9, 9, 255), False),
        (4, '_1号影 "a" \\ <b>', "肌 影", (1, 2, 3, 128), False),
    ]
    assert [w.split(":")[0] for w in palette.warnings] == [
        "Color 3 ('color_3') is left out",
        "Colors on no page are left out, as in OpenToonz",
    ]


def test_opentoonz_file_comes_back_to_the_byte(folder: Path) -> None:
    assert encode_palette(read(folder, TPL), "tpl").decode() == TPL.decode()


def test_opentoonz_positions_stay_when_colors_change(folder: Path) -> None:
    palette = read(folder, TPL)
    kept = [e for e in palette.entries if e.id != 5]
    kept[0] = dataclasses.replace(kept[0], rgba_u16=spread(0, 0, 9, 255), name="線")
    new = [Entry("new", spread(4, 4, 4, 255), group="colors"), Entry("x", spread(5, 5, 5, 255), 1)]
    changed = dataclasses.replace(palette, entries=(*kept, *new))
    result = again(folder, changed, "tpl")
    assert [(e.id, e.name, e.group) for e in result.entries] == [
        (2, "線", "colors"),
        (1, "肌", "colors"),
        (7, "new", "colors"),
        (8, "x", "colors"),
        (4, '_1号影 "a" \\ <b>', "肌 影"),
    ]
    data = encode_palette(changed, "tpl").decode()
    assert "2002 0 0 0 255" in data
    assert "        0 2 3 1 7 8 \n" in data  # the style that is no plain color keeps its place


def test_opentoonz_new_file(folder: Path) -> None:
    entries = (Entry("a", spread(1, 1, 1, 255), group="肌"), Entry("b", spread(2, 2, 2, 255)))
    data = encode_palette(PaletteFile(entries), "tpl").decode()
    assert "color_0 3 255 255 255 0 " in data
    result = read(folder, data.encode())
    assert [(e.id, e.name, e.group) for e in result.entries] == [(1, "a", "肌"), (2, "b", "colors")]
    assert not result.warnings


def opentoonz_reads(style: bytes) -> tuple[int, str, str, list[str]]:
    """Return flags, global name, name and the rest as OpenToonz's own rules read a style."""
    texts = []
    at = 0
    while at < len(style):
        if style[at : at + 1].isspace():
            at += 1
        elif style[at : at + 1] == b'"':
            text = b""
            at += 1
            while style[at : at + 1] != b'"':
                if style[at : at + 1] == b"\\" and style[at + 1 : at + 2] in (b'"', b"\\", b"'"):
                    at += 1
                text += style[at : at + 1]
                at += 1
            at += 1
            texts.append(text.decode())
        else:
            start = at
            at += 1
            while style[at : at + 1].isalnum() or style[at : at + 1] in (
                b"_",
                b"&",
                b"#",
                b";",
                b"%",
            ):
                at += 1
            texts.append(style[start:at].decode())
    flags = int(texts.pop(0)[1]) if re.fullmatch("_[0-9]", texts[0]) else 0
    global_name = texts.pop(0) if texts[0].startswith("|") else ""
    name = texts.pop(0)
    assert not re.match("[0-9]", name)  # or it would be taken for the kind of style
    return flags, global_name, name[1:] if name[:1] == "_" else name, texts


@pytest.mark.parametrize("autopaint", [False, True])
@pytest.mark.parametrize("name", ODD)
def test_opentoonz_reads_the_names(name: str, autopaint: bool) -> None:
    palette = PaletteFile((Entry(name, spread(1, 2, 3, 4), autopaint=autopaint),))
    style = encode_palette(palette, "tpl").split(b"<style>")[2].split(b"</style>\n    </styles>")[0]
    expected = (int(autopaint), "", plain(name), ["3", "1", "2", "3", "4"])
    assert opentoonz_reads(style) == expected


def test_harmony(folder: Path) -> None:
    palette = read(folder, PLT)
    assert [(e.id, e.name, e.rgba_u8) for e in palette.entries] == [
        (0x0C52AF9D81AA3618, "Hair", (179, 34, 66, 255)),
        (0xFFFFFFFFFFFFFFFF, '肌 "ノーマル"', (255, 224, 189, 128)),
    ]
    assert [w.split(":")[0] for w in palette.warnings] == [
        "Line 3 is left out",
        "Line 7 is left out",
    ]
    assert encode_palette(palette, "plt").decode().split() == PLT.decode().split()
    assert again(folder, palette, "plt") == palette


def test_harmony_ids_are_given_by_name_and_color(folder: Path) -> None:
    skin, hair = Entry("肌", spread(1, 2, 3, 255)), Entry("髪", spread(1, 2, 3, 255))
    ids = [e.id for e in again(folder, PaletteFile((skin, hair, skin)), "plt").entries]
    assert len(set(ids)) == 3
    assert [e.id for e in again(folder, PaletteFile((hair, skin)), "plt").entries] == ids[1::-1]
    # One that a file already uses for another color is not given again.
    taken = PaletteFile((skin, Entry("other", hair.rgba_u16, ids[0])), format="plt")
    assert [e.id for e in again(folder, taken, "plt").entries] == [ids[2], ids[0]]
    # Those of a file stay, beside new ones.
    old = read(folder, PLT)
    more = dataclasses.replace(old, entries=(skin, *old.entries))
    assert [e.id for e in again(folder, more, "plt").entries] == [
        ids[0],
        *(e.id for e in old.entries),
    ]


# --- Tolerant reading


@pytest.mark.parametrize("sample", ["gpl", "rgba", "tpl", "plt"])
def test_bom_and_line_ends_change_nothing(folder: Path, sample: str) -> None:
    data = SAMPLES[sample]
    expected = colors_of(read(folder, data))
    for changed in (
        b"\xef\xbb\xbf" + data,
        data.replace(b"\n", b"\r\n"),
        data.replace(b"\n", b"\r"),
        b"\n \n" + data,
        data.replace(b"\n", b"  \n") + b"\n\n",
    ):
        assert colors_of(read(folder, changed)) == expected


@pytest.mark.parametrize("sample", ["gpl", "plt", "tpl"])
def test_shift_jis_names(folder: Path, sample: str) -> None:
    data = SAMPLES[sample].decode().replace("肌", "表肌").encode("cp932")  # 表 ends in a backslash
    palette = read(folder, data)
    assert any("表肌" in entry.name for entry in palette.entries)
    assert "Shift-JIS" in palette.warnings[0]


def test_other_encodings_and_cut_characters(folder: Path) -> None:
    latin = read(folder, b"GIMP Palette\n1 2 3 Caf\xe9\n")
    assert (latin.entries[0].name, "Latin-1" in latin.warnings[0]) == ("Café", True)
    cut = read(folder, "GIMP Palette\n1 2 3 肌色".encode()[:-1])
    assert (cut.entries[0].name, "cut off" in cut.warnings[0]) == ("肌", True)


def test_gimp_old_and_odd_lines(folder: Path) -> None:
    palette = read(
        folder, b"GIMP Palette\n\n#a\n1\t2\t3\n1 2\n256 0 0 x\n1 2 3x\n9999999999 1 1\n4 5 6 y"
    )
    assert colors_of(palette) == [("", (1, 2, 3, 255)), ("y", (4, 5, 6, 255))]
    assert [w.split(" is")[0] for w in palette.warnings] == ["Line 5", "Line 6", "Line 7", "Line 8"]
    assert palette.entries[1].id == 6
    many = read(folder, b"GIMP Palette\n1 2 3\n" + b"x\n" * 100)
    assert len(many.warnings) == 21
    assert many.warnings[-1] == "There are 80 more such warnings."


def test_opentoonz_odd_files(folder: Path) -> None:
    old = b"<style> 3 1 2 3 255 </style><style>3 4 5 6 255</style>"
    palette = read(folder, b"<!-- <a> --><palette>\n<styles>" + old + b"</styles></palette>")
    assert [(e.id, e.name, e.group, e.rgba_u8) for e in palette.entries] == [
        (1, "color", "", (4, 5, 6, 255))
    ]
    newer = TPL.replace(b"71 0", b"72 0").replace(b"0 2 3 1 ", b"0 2 99 3 1 -1 ")
    warnings = " ".join(read(folder, newer).warnings)
    assert "version 72" in warnings
    assert "-1, 99" in warnings
    for broken in (b"3 255 0 0", b"3 255 0 0 256", b"3 a b c d", b"", b"3 1 2 3 -4"):
        data = TPL.replace(b"color_2 3 255 0 0 255", b"color_2 " + broken)
        assert [e.id for e in read(folder, data).entries] == [1, 5, 4]


def test_harmony_odd_lines(folder: Path) -> None:
    data = (
        b"ToonBoomAnimationInc PaletteFile 3\n}\nSolid my skin 0xA 1 2 3 4\nSolid b 0xa 5 6 7 8\n"
    )
    data += b'Solid "c\\\n\xe3\x80\x80\nSolid\nSolid d 0xb 1 2 3 256\n'
    data += b'Gradient "}" 0xc Linear { 0 1 2 3 4 }\n'
    palette = read(folder, data)
    assert [(e.name, e.id, e.rgba_u8) for e in palette.entries] == [
        ("my skin", 10, (1, 2, 3, 4)),
        ("b", 10, (5, 6, 7, 8)),
    ]
    starts = [re.split(r"[:,]| is", warning)[0] for warning in palette.warnings]
    assert "PaletteFile 3" in starts.pop(0)
    assert starts == [f"Line {number}" for number in (2, 4, 5, 7, 8, 9)]


def test_format_is_told_by_content(folder: Path) -> None:
    for number, data in enumerate(SAMPLES.values()):
        for suffix in (".txt", *(f".{known}" for known in PALETTE_FORMATS)):
            path = saved(folder / f"{number}{suffix}", data)
            assert colors_of(read_palette(path)) == colors_of(read(folder, data))


# --- Every format to every other

NAMES = st.text(max_size=8) | st.sampled_from(ODD)
CHANNEL = st.integers(0, 65535) | st.integers(0, 255).map(lambda value: value * 257)
ENTRIES = st.builds(
    Entry,
    NAMES,
    st.tuples(CHANNEL, CHANNEL, CHANNEL, st.just(65535) | CHANNEL),
    st.none() | st.integers(0, 1 << 64),
    NAMES,
    st.booleans(),
)
PALETTES = st.builds(PaletteFile, st.lists(ENTRIES, max_size=6).map(tuple), NAMES)


def as_held(entry: Entry, palette_format: PaletteFormat) -> tuple[object, ...]:
    """Return what the table says that a format holds of an entry."""
    r, g, b, a = entry.rgba_u16
    if palette_format not in ("aco", "ase"):
        r, g, b, a = spread(*entry.rgba_u8)
    if palette_format in NO_ALPHA:
        a = 65535
    name = plain(entry.name)
    group = plain(entry.group) if palette_format in ("ase", "tpl") else ""
    return (
        name.strip(" ") if palette_format == "gpl" else name,
        (r, g, b, a),
        "colors" if palette_format == "tpl" and not group else group,
        palette_format == "tpl" and entry.autopaint,
    )


@pytest.mark.parametrize("palette_format", PALETTE_FORMATS)
@given(palette=PALETTES)
def test_written_and_read(
    folder: Path, palette_format: PaletteFormat, palette: PaletteFile
) -> None:
    result = again(folder, palette, palette_format)
    found = [(e.name, e.rgba_u16, e.group, e.autopaint) for e in result.entries]
    expected = [as_held(entry, palette_format) for entry in palette.entries]
    if palette_format == "tpl":  # in the order of pages
        pages = [held[2] for held in expected]
        expected.sort(key=lambda held: pages.index(held[2]))
    assert found == expected
    assert not result.warnings
    assert len({entry.id for entry in result.entries}) == len(result.entries)
    assert again(folder, result, palette_format) == result
    assert encode_palette(result, palette_format) == encode_palette(result, palette_format)


@pytest.mark.parametrize("target", PALETTE_FORMATS)
@pytest.mark.parametrize("sample", SAMPLES)
def test_every_format_to_every_other(folder: Path, sample: str, target: PaletteFormat) -> None:
    palette = read(folder, SAMPLES[sample])
    result = again(folder, palette, target)
    no_alpha = target in NO_ALPHA
    expected = [
        (e.name, (*e.rgba_u8[:3], 255 if no_alpha else e.rgba_u8[3])) for e in palette.entries
    ]
    assert sorted(colors_of(result)) == sorted(expected)
    assert bool(result.warnings) == (palette.format == target and bool(palette.kept))


def test_losses_are_told() -> None:
    entry = Entry("a", (1, 2, 3, 65535), group="g", autopaint=True)
    half = Entry("a", spread(1, 2, 3, 4))
    palette = PaletteFile((entry, half), "name")
    told = {known: " ".join(losses(palette, known)) for known in PALETTE_FORMATS}
    for word, lost_by in {
        "16 bits": {"gpl", "tpl", "plt"},
        "opaque": {"gpl", "aco", "ase"},
        "Groups": {"gpl", "aco", "plt"},
        "Autopaint": {"gpl", "aco", "ase", "plt"},
        "palette's name": {"aco", "ase", "tpl", "plt"},
    }.items():
        assert {known for known in PALETTE_FORMATS if word in told[known]} == lost_by
    (told_alone,) = losses(PaletteFile((half,)), "gpl")
    assert ".tpl and .plt keep" in told_alone
    assert losses(PaletteFile((half,)), "tpl") == ()


def test_losses_of_ids_and_gradients(folder: Path) -> None:
    toonz, harmony = read(folder, TPL), read(folder, PLT)
    for palette, own in ((toonz, "tpl"), (harmony, "plt")):
        for known in PALETTE_FORMATS:
            told = " ".join(losses(palette, known))
            assert ("Gradients" in told, "Ids" in told) == (known != own, known != own)
    bare = again(folder, PaletteFile((Entry("a", spread(1, 2, 3, 255)),)), "tpl")
    assert "Gradients" not in " ".join(losses(bare, "plt"))


# --- The palette of a cut


def test_to_the_palette_of_a_cut() -> None:
    skin = spread(255, 224, 189, 255)
    entries = (
        Entry("肌", skin),
        Entry("clear", (5, 5, 5, 0)),
        Entry("", spread(1, 2, 3, 255)),
        Entry("肌 2", skin),
        Entry("half", spread(1, 2, 3, 128)),
    )
    palette, ids = to_palette(PaletteFile(entries))
    assert ids.tolist() == [1, 0, 2, 3, 4]
    assert palette.names == ("paper", "肌", "#010203", "肌 2", "half")
    assert palette.rgba_u16.tolist() == [
        [0] * 4,
        list(skin),
        [257, 514, 771, 65535],
        list(skin),
        list(entries[4].rgba_u16),
    ]
    empty, no_ids = to_palette(PaletteFile())
    assert (len(empty), no_ids.tolist()) == (1, [])


def test_entries_of_one_color_stay_apart_if_they_are_called_otherwise() -> None:
    dark = spread(1, 2, 3, 255)
    named = [("hair", "a"), ("hair", "b"), ("belt", ""), ("hair", "a"), ("", "")]
    entries = tuple(Entry(name, dark, group=group) for name, group in named)
    palette, ids = to_palette(PaletteFile(entries))
    assert ids.tolist() == [1, 2, 3, 1, 1]
    assert palette.titles == ("paper", "a hair", "b hair", "belt")
    wider, found = palette.extended(np.array([dark, spread(9, 9, 9, 255)], np.uint16))
    assert found.tolist() == [1, 4], "a picture shows only the color"
    assert len(wider) == 5


def test_unnamed_color_takes_the_name_of_its_twin() -> None:
    palette, _ = to_palette(
        PaletteFile((Entry("", spread(1, 2, 3, 255)), Entry("影", spread(1, 2, 3, 255))))
    )
    assert palette.names == ("paper", "影")


def test_from_the_palette_of_a_cut_and_back(folder: Path) -> None:
    colors = np.array([[65535, 1, 2, 65535], [257, 514, 771, 65535]], np.uint16)
    palette, _ = Palette().extended(colors)
    file = from_palette(palette, "cut 12")
    assert [(e.id, e.name) for e in file.entries] == [(1, "#ff0000"), (2, "#010203")]
    back, ids = to_palette(again(folder, file, "aco"))
    assert ids.tolist() == [1, 2]
    assert back.names == palette.names
    assert back.rgba_u16.tolist() == palette.rgba_u16.tolist()


# --- Which entries of two palettes belong together


def pairs(old: PaletteFile, new: PaletteFile, by: By = "auto") -> list[tuple[str, object]]:
    """Return names and what their entries become, red of the new color."""
    found = pair_entries(old, new, by)
    return [(pair.old.name, pair.new and pair.new.rgba_u8[0]) for pair in found]


def gpl(*entries: tuple[str, int] | tuple[str, int, str]) -> PaletteFile:
    """Return a GIMP palette of names, reds and groups."""
    made = [
        Entry(name, spread(red, 0, 0, 255), at, "".join(group))
        for at, (name, red, *group) in enumerate(entries, 1)
    ]
    return PaletteFile(tuple(made), format="gpl")


def test_pairs_by_position_unless_a_name_says_otherwise() -> None:
    day = gpl(("hair", 1), ("skin", 2), ("", 3))
    assert pairs(day, gpl(("hair", 11), ("skin", 12), ("", 13))) == [
        ("hair", 11), ("skin", 12), ("", 13),
    ]  # fmt: skip
    renamed = gpl(("hair night", 11), ("skin", 12), ("", 13))
    assert pairs(day, renamed)[0] == ("hair", 11)
    in_other_order = gpl(("skin", 12), ("hair", 11), ("", 13))
    assert pairs(day, in_other_order) == [("hair", 11), ("skin", 12), ("", None)]
    assert pairs(day, in_other_order, "id")[0] == ("hair", 12)
    assert pairs(day, gpl(("skin", 12))) == [("hair", None), ("skin", 12), ("", None)]


def test_pairs_of_one_name_go_by_group_or_else_by_order() -> None:
    day = gpl(("shadow", 1, "skin"), ("shadow", 2, "hair"), ("skin", 3))
    night = gpl(("shadow", 12, "hair"), ("skin", 13), ("shadow", 11, "skin"))
    assert pairs(day, night) == [("shadow", 11), ("shadow", 12), ("skin", 13)]
    plain_night = gpl(("skin", 13), ("shadow", 11), ("shadow", 12))
    assert pairs(day, plain_night) == [("shadow", 11), ("shadow", 12), ("skin", 13)]


def test_pairs_by_the_ids_of_another_program(folder: Path) -> None:
    day = read(folder, TPL)
    night = dataclasses.replace(
        day,
        entries=tuple(dataclasses.replace(e, name=f"{e.name} 夜") for e in day.entries[::-1]),
    )
    assert [pair.new and pair.new.id for pair in pair_entries(day, night)] == [2, 1, 5, 4]
    with pytest.raises(errors.BadOption, match="by name"):
        pair_entries(day, night, "name")


# --- Damaged files


def parts_of(caught: pytest.ExceptionInfo[errors.ShiageError], path: Path) -> str:
    error = caught.value
    assert error.path == path
    assert error.found
    assert error.expected
    assert error.action
    return str(error)


DAMAGED = {
    "in no palette format": b"hello",
    "Aseprite drawing": b"\x10\0\0\0\xe0\xa5\1\0",
    "cut off after color 1": ACO[:20],
    "cut off after color 0": b"\0\2\0\1" + bytes(10) + b"\xff\xff\xff\xff",
    "cut off in its header": b"ASEF\0\1",
    "cut off in block 3": ASE[:90],
    "cut off after block 0": b"ASEF\0\1\0\0\xff\xff\xff\xff",
    "block 1 of the Swatch Exchange file is too short": b"ASEF\0\1\0\0\0\0\0\1\0\1\0\0\0\2\0\5",
    "ends in line": TPL[:-20],
    "cannot be understood in line 3": b'<palette>\n<styles>\n"a </styles></palette>',
    "cannot be understood in line 1": b"<palette></styles></palette>",
    "holds no styles": b"<palette> <styles> </styles> </palette>",
    "none of the 2 lines": b"GIMP Palette\nName: a\n1 2\nb\n",
    "within a gradient": b"ToonBoomAnimationInc PaletteFile 2\nGradient b 0x2 Linear {\n",
    "no color that can be read": b"ToonBoomAnimationInc PaletteFile 2\nSolid a 1 2 3 4\n",
    "too large for a palette": b"GIMP Palette\n" + b"# \n" * (3 << 20),
}  # fmt: skip


@pytest.mark.parametrize("found", DAMAGED)
def test_damaged(folder: Path, found: str) -> None:
    path = saved(folder / "damaged", DAMAGED[found])
    with pytest.raises(errors.DamagedPalette) as caught:
        read_palette(path)
    assert found in parts_of(caught, path)


@pytest.mark.parametrize(
    "data",
    [b"\0\1\0\0\0\x0b\0\x80", b"\0\1\0\0", b"\0\0\1\0\1\0", b"\0\1\0\5\x30\x39" + bytes(50)],
)
def test_other_files_that_begin_like_photoshop_swatches(folder: Path, data: bytes) -> None:
    path = saved(folder / "font", data)
    if data == b"\0\1\0\0":
        assert read_palette(path).entries == ()
    else:
        with pytest.raises(errors.DamagedPalette, match="no palette format"):
            read_palette(path)


def test_unreadable(tmp_path: Path) -> None:
    for path in (
        tmp_path / "none.gpl",
        tmp_path,
        saved(tmp_path / "a.gpl", b""),
        Path("nul\0l.gpl"),
    ):
        with pytest.raises(errors.UnreadableFile) as caught:
            read_palette(path)
        parts_of(caught, path)


def outcome(path: Path) -> PaletteFile | None:
    """Return the palette, or None if the file is told to be damaged; anything else is raised."""
    try:
        palette = read_palette(path)
    except errors.FileError:
        return None
    for palette_format in PALETTE_FORMATS:  # what was read can be written, unless it is too much
        with contextlib.suppress(errors.WriteFailed):
            encode_palette(palette, palette_format)
    return palette


@pytest.mark.parametrize("sample", SAMPLES)
def test_cut_off_anywhere(folder: Path, sample: str) -> None:
    data = SAMPLES[sample]
    whole = colors_of(read(folder, data))
    told = 0
    for end in range(1, len(data), 1 if sample in ("aco", "ase") else 5):
        palette = outcome(saved(folder / "cut", data[:end]))
        told += palette is None
        if palette is not None and sample in ("aco", "ase"):
            assert [c for _, c in colors_of(palette)] == [c for _, c in whole]
    assert told > 5


@pytest.mark.parametrize("sample", SAMPLES)
@settings(max_examples=150)
@given(
    changes=st.lists(st.tuples(st.integers(0, 2000), st.binary(max_size=4)), min_size=1, max_size=5)
)
def test_corrupt_anywhere(folder: Path, sample: str, changes: list[tuple[int, bytes]]) -> None:
    data = bytearray(SAMPLES[sample])
    for at, new in changes:
        data[at % len(data) : at % len(data) + len(new)] = new
    outcome(saved(folder / "corrupt", bytes(data) or b"\0"))


@settings(max_examples=150)
@given(
    start=st.sampled_from([b"GIMP Palette\n", b"\0\1", b"\0\2", b"ASEF\0\1\0\0", b"<palette>",
                           b"ToonBoomAnimationInc PaletteFile 2\n"]),
    rest=st.binary(max_size=60) | st.text(max_size=60).map(lambda t: t.encode("utf-8", "replace")),
)  # fmt: skip
def test_anything_behind_a_signature(folder: Path, start: bytes, rest: bytes) -> None:
    outcome(saved(folder / "anything", start + rest))


@pytest.mark.parametrize(
    "data",
    [
        struct.pack(">2H", 1, 65535),
        struct.pack(">2H5HI", 2, 65535, 0, 1, 2, 3, 0, 0xFFFFFFFF),
        b"ASEF\0\1\0\0\xff\xff\xff\xff" + struct.pack(">HI", 1, 0xFFFFFFFF),
        b"ASEF\0\1\0\0\xff\xff\xff\xff" + struct.pack(">HI", 0xC002, 0) * 100_000,
        b"<palette>" + b"<a>" * 200_000,
        b"<palette>" + b"</a" * 200_000,
        b"<palette " + b"a " * 200_000,
        b"<!---->" * 9_000 + b"x",
        b"<!--" * 9_000,
        b"<palette>" + b'"\\' * 200_000,
        b"<palette><stylepages><page><indices>"
        + b"9" * 200_000
        + b"</indices></page></stylepages>",
        b"GIMP Palette\n" + b"1" * 200_000,
        b"GIMP Palette\n" + b"1 " * 200_000,
        b"ToonBoomAnimationInc PaletteFile 2\nSolid " + b" " * 200_000,
        b"ToonBoomAnimationInc PaletteFile 2\nSolid " + b'\\"' * 200_000 + b" 0x1 1 1 1 1",
        b"ToonBoomAnimationInc PaletteFile 2\nGradient {" + b"\n{" * 200_000,
        b"ToonBoomAnimationInc PaletteFile 2\nGradient " + b'"\\' * 200_000,
    ],
    ids=map(str, range(17)),
)
def test_huge_and_nested_beyond_reason(folder: Path, data: bytes) -> None:
    outcome(saved(folder / "huge", data))


# --- Strict writing


def test_written_as_the_suffix_says(tmp_path: Path) -> None:
    palette = PaletteFile((Entry("肌", spread(1, 2, 3, 255)),))
    for known in PALETTE_FORMATS:
        path = tmp_path / "new" / f"a.{known.upper()}"
        write_palette(path, palette)
        assert path.read_bytes() == encode_palette(palette, known)
    with pytest.raises(errors.BadOption, match=r"\.gpl, \.aco, \.ase, \.tpl, \.plt"):
        write_palette(tmp_path / "a.png", palette)


@pytest.mark.parametrize(
    ("suffix", "palette"),
    [
        ("tpl", PaletteFile((Entry("", spread(1, 2, 3, 255)),) * 4096)),
        ("aco", PaletteFile((Entry("", spread(1, 2, 3, 255)),) * 65536)),
        ("ase", PaletteFile((Entry("a" * 65535, spread(1, 2, 3, 255)),))),
    ],
)
def test_what_does_not_fit_is_told(tmp_path: Path, suffix: str, palette: PaletteFile) -> None:
    path = tmp_path / f"a.{suffix}"
    with pytest.raises(errors.WriteFailed, match="fit into") as caught:
        write_palette(path, palette)
    parts_of(caught, path)
    assert not list(tmp_path.iterdir())


def test_largest_palettes_fit(folder: Path) -> None:
    one = Entry("", spread(1, 2, 3, 255))
    assert len(again(folder, PaletteFile((one,) * 4095), "tpl").entries) == 4095
    assert len(again(folder, PaletteFile((one,) * 65535), "aco").entries) == 65535


def test_entry_of_no_color_is_refused() -> None:
    for rgba in ((0, 0, 0, 65536), (-1, 0, 0, 0)):
        with pytest.raises(ValueError, match="rgba_u16"):
            Entry("a", rgba)
