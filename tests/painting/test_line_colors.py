"""Which coloured lines stay, and in which color."""

from __future__ import annotations

import numpy as np
import pytest

from shiage.colors.palette import Palette
from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import find_segments
from shiage.lines.trace_pieces import TracePieces, find_trace_pieces
from shiage.painting.kept_lines import keep_lines
from shiage.painting.line_colors import (
    AS_DRAWN,
    PAINTED_OVER,
    LineDecision,
    LineRules,
    decide_at,
    decide_lines,
    find_shades,
    learn_decided,
    tell_rules,
)
from shiage.painting.reference import build_reference
from tests.drawings import RED, Color, Rgba, Sheet, palette_of, to_u16

SKIN: Color = (250, 220, 190)
DARK: Color = (200, 150, 130)
WINE: Color = (120, 20, 40)


def sheet(line: Color = RED, *, soft: bool = False, rgba: Rgba | None = None) -> Rgba:
    """A box parted by a coloured line at x = 60, with a stroke of it at (30, 40) in its left."""
    paper = Sheet(80, 100, soft=soft, thickness=2)
    if rgba is not None:
        paper.rgba = rgba
    paper.color = line
    paper.line((60, 10), (60, 70)).line((24, 50), (36, 30))
    paper.color, paper.soft = (0, 0, 0), False
    paper.box((10, 10), (90, 70))
    return paper.rgba


def filled(left: Color, right: Color) -> Rgba:
    rgba = np.full((80, 100, 4), 255, np.uint8)
    rgba[10:70, 10:60, :3], rgba[10:70, 60:90, :3] = left, right
    return rgba


def learn(painting: Rgba, drawing: Rgba) -> tuple[LineRules, Palette]:
    reference, palette = build_reference("key", painting, drawing, Palette())
    return reference.lines, palette


def outcome_at(pieces: TracePieces, becomes: np.ndarray, x: int, y: int) -> int:
    return int(becomes[pieces.at(x, y) - 1])


@pytest.mark.parametrize("soft", [False, True])
def test_what_a_key_shows(soft: bool) -> None:
    drawing = sheet(soft=soft)
    painting = filled(SKIN, DARK)
    black = (drawing[..., :3] == 0).all(axis=-1)
    painting[black] = (0, 0, 0, 255)
    rules, palette = learn(painting, drawing)  # nothing stays
    assert set(rules.becomes.tolist()) == {PAINTED_OVER}
    assert tell_rules(rules, palette, ["red"]) == []
    stroke = (drawing[..., :3] != 255).any(axis=-1) & ~black
    stroke[:, 50:] = False
    painting[stroke] = drawing[stroke]
    rules, palette = learn(painting, drawing)
    fills = [tuple(pair) for pair in rules.fills.tolist()]
    told = dict(zip(fills, rules.becomes.tolist(), strict=True))
    skin, dark = (palette.to_hex().index("#" + bytes(c).hex()) for c in (SKIN, DARK))
    assert told[skin, skin] == AS_DRAWN
    assert told[skin, dark] == PAINTED_OVER
    (sentence,) = tell_rules(rules, palette, ["red"])
    assert "red lines are painted over, but stay as drawn where they lie amid #fadcbe" in sentence


def test_lines_in_another_color_keep_all_of_its_bits() -> None:
    drawing = sheet()
    painting = to_u16(sheet(rgba=filled(SKIN, DARK)))
    line = (drawing[..., :3] == RED).all(axis=-1)
    painting[line] = (30_001, 5_002, 9_003, 65_535)
    reference, palette = build_reference("key", painting, drawing, Palette())
    (color_id,) = set(reference.lines.becomes.tolist())
    assert palette.rgba_u16[color_id].tolist() == [30_001, 5_002, 9_003, 65_535]


def test_a_painting_that_lies_askew_teaches_nothing() -> None:
    drawing = sheet()
    painting = np.roll(sheet(rgba=filled(SKIN, DARK)), (4, 5), axis=(0, 1))
    rules, _ = learn(painting, drawing)
    assert len(rules.hue) == 0


def rows(*told: tuple[Color, tuple[int, int], int, int]) -> LineRules:
    """Rules from shade, fills, area and outcome of red lines."""
    shades, fills, area, becomes = zip(*told, strict=True)
    return LineRules(
        np.ones(len(told), np.int32),
        np.array(shades, np.float32),
        np.array(fills, np.int32),
        np.array(area, np.int32),
        np.array(becomes, np.int32),
    )


def decide(drawing: Rgba, ids: list[int], rules: LineRules) -> tuple[TracePieces, np.ndarray]:
    lineart = extract_lineart(drawing)
    segments = find_segments(lineart)
    pieces = find_trace_pieces(lineart, segments.labels)
    shade = find_shades(drawing, lineart, pieces)
    return pieces, decide_lines(pieces, shade, np.array(ids, np.int32), rules)


def test_lines_follow_those_between_the_same_fills() -> None:
    large_and_small = rows((RED, (1, 2), 5000, PAINTED_OVER), (RED, (1, 1), 30, AS_DRAWN))
    pieces, becomes = decide(sheet(), [0, 1, 2], large_and_small)
    assert outcome_at(pieces, becomes, 60, 40) == PAINTED_OVER
    assert outcome_at(pieces, becomes, 30, 40) == AS_DRAWN


def test_lines_follow_those_drawn_alike() -> None:
    both = rows((RED, (1, 2), 100, PAINTED_OVER), (WINE, (1, 2), 100, 2))
    for line, outcome in ((RED, PAINTED_OVER), (WINE, 2)):
        pieces, becomes = decide(sheet(line), [0, 1, 2], both)
        assert outcome_at(pieces, becomes, 60, 40) == outcome


def test_a_line_unlike_any_is_painted_over() -> None:
    _, becomes = decide(sheet(WINE), [0, 1, 2], rows((RED, (1, 2), 100, AS_DRAWN)))
    assert set(becomes.tolist()) == {PAINTED_OVER}
    _, becomes = decide(sheet(), [0, 1, 2], LineRules())
    assert set(becomes.tolist()) == {PAINTED_OVER}


def test_an_artist_has_the_last_word_and_others_follow() -> None:
    drawing, shown = sheet(), rows((RED, (1, 1), 500, PAINTED_OVER))
    lineart = extract_lineart(drawing)
    labels = find_segments(lineart).labels
    decided = {(30, 40): LineDecision(AS_DRAWN, (1, 1)), (2, 2): LineDecision(AS_DRAWN, (0, 0))}
    pieces, becomes = decide(drawing, [0, 1, 2], shown)
    decide_at(pieces, becomes, decided)
    assert outcome_at(pieces, becomes, 30, 40) == AS_DRAWN
    assert outcome_at(pieces, becomes, 60, 40) == PAINTED_OVER
    learned = LineRules.joined([shown, learn_decided(drawing, lineart, labels, decided)])
    pieces, becomes = decide(np.roll(drawing, 4, axis=0), [0, 1, 2], learned)
    assert outcome_at(pieces, becomes, 30, 44) == AS_DRAWN


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("deep", [False, True])
def test_a_kept_line_is_recolored_with_its_rim(soft: bool, deep: bool) -> None:
    eight = sheet(soft=soft)
    drawing = to_u16(eight) if deep else eight
    lineart = extract_lineart(eight)
    pieces = find_trace_pieces(lineart, find_segments(lineart).labels)
    shade = find_shades(eight, lineart, pieces)
    ids = np.ones(len(pieces), np.int32)
    pixels, kept = keep_lines(drawing, lineart, pieces, shade, ids, palette_of(WINE))
    assert not kept.trace.any()
    np.testing.assert_array_equal(kept.ink, lineart.ink)
    top = 65535 if deep else 255
    right = sheet(WINE, soft=soft)
    off = np.abs(pixels / top - right / 255)
    assert off.max() <= 3.5 / 255  # as a pen in that color would have drawn it
    core = (right[..., :3] == WINE).all(axis=-1)
    assert (pixels[core][:, :3] == np.array(WINE) * (257 if deep else 1)).all()
    same = (drawing == pixels).all(axis=-1)
    assert same[(eight[..., :3] == 255).all(axis=-1)].all()
    assert same[(eight[..., :3] == 0).all(axis=-1)].all()
