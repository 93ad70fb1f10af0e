"""Shades decided together: contacts across traces, and colors against a sum over all cases."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiage.lines.lineart import LineSettings, extract_lineart
from shiage.lines.segments import find_segments
from shiage.matching import KnownColors
from shiage.matching.protocol import PairwiseMatcher
from shiage.painting.propagate import EncodedCel, decide_colors, known_for_certain
from shiage.painting.shades import (
    ABSENT,
    ABSENT_FITS,
    NEVER_SEEN,
    NO_SHADE,
    OTHER_HUE,
    SAME,
    Contacts,
    find_trace_contacts,
    settle_shades,
)
from shiage.structures import UNKNOWN, Floats, Ints, LineArt, Segments
from tests.drawings import BLACK, BLUE, RED, Color, Rgba, Sheet
from tests.matching.alike import cel, contacts_of

RED_HUE, BLUE_HUE, BLACK_HUE = 1, 4, 255


# --- which segments face each other across which traces -----------------------------------------


def parted_box(color: Color, soft: bool = False, thickness: int = 2) -> Sheet:
    """A black box on paper, parted by a slanting line: labels 1 (paper), 2 (left), 3 (right)."""
    sheet = Sheet(60, 80, soft=soft, thickness=thickness)
    sheet.box((10, 10), (70, 50))
    sheet.color = color
    sheet.line((35, 12), (45, 48))
    return sheet


def find_contacts(rgba: Rgba, all_trace: bool | None = None) -> Contacts:
    lineart = extract_lineart(rgba, LineSettings(all_trace=all_trace))
    return find_trace_contacts(lineart, find_segments(lineart))


def contacts_in(rgba: Rgba, all_trace: bool | None = None) -> list[list[int]]:
    found = find_contacts(rgba, all_trace)
    return [[*pair, hue] for pair, hue in zip(found.labels.tolist(), found.hue, strict=True)]


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("thickness", [1, 2, 4])
@pytest.mark.parametrize(
    ("color", "contacts"),
    [(RED, [[2, 3, RED_HUE]]), (BLUE, [[2, 3, BLUE_HUE]]), (BLACK, [])],
)
def test_only_traces_make_contacts(
    color: Color, contacts: list[list[int]], soft: bool, thickness: int
) -> None:
    assert contacts_in(parted_box(color, soft, thickness).rgba) == contacts


def test_a_contact_is_told_by_its_share_of_either_border() -> None:
    sheet = parted_box(RED)  # the trace takes as much of both halves
    whole = find_contacts(sheet.rgba).share
    assert whole.shape == (1, 2)
    assert (whole > 0.2).all()
    assert (whole < 0.4).all()
    sheet.color = BLACK
    sheet.line((40, 30), (45, 48))  # the lower half of it is black
    half = find_contacts(sheet.rgba).share
    assert (half > 0.3 * whole).all()
    assert (half < 0.7 * whole).all()


def crossing_trace() -> Sheet:
    """A box parted by a trace that runs out through its upper line, which has a gap there."""
    sheet = parted_box(RED)
    sheet.rgba[6:14, 30:39] = 255
    sheet.color = RED
    return sheet.line((28, 4), (36, 14))


def test_a_trace_that_runs_out_to_the_paper_has_a_short_contact_with_it() -> None:
    found = find_contacts(crossing_trace().rgba)
    rows = {
        tuple(pair): share for pair, share in zip(found.labels.tolist(), found.share, strict=True)
    }
    assert rows[2, 3].min() > 0.2
    beside_paper = [share for pair, share in rows.items() if 1 in pair]
    assert beside_paper
    assert max(share[0] for share in beside_paper) < 0.1  # of the paper's border


def test_all_lines_of_an_all_trace_cel_make_contacts() -> None:
    sheet = parted_box(BLACK)
    assert contacts_in(sheet.rgba, all_trace=True) == [[1, 2, 255], [1, 3, 255], [2, 3, 255]]


def test_of_two_hues_between_two_segments_the_longer_counts() -> None:
    sheet = parted_box(BLUE)
    sheet.color = RED
    sheet.line((35, 12), (38, 22))
    assert contacts_in(sheet.rgba) == [[2, 3, BLUE_HUE]]
    sheet.line((35, 12), (42, 38))
    assert contacts_in(sheet.rgba) == [[2, 3, RED_HUE]]


def test_a_trace_that_ends_within_a_segment_parts_nothing() -> None:
    sheet = Sheet(60, 80, thickness=2).box((10, 10), (70, 50))
    sheet.color = RED
    assert contacts_in(sheet.line((40, 20), (40, 40)).rgba) == []


def test_an_area_in_a_trace_color_is_no_line() -> None:
    sheet = parted_box(RED)
    sheet.rgba[12:49, 25:60, 1:3] = 0
    assert contacts_in(sheet.rgba) == []


def test_a_drawing_without_segments_has_no_contacts() -> None:
    ink = np.ones((5, 7), bool)
    lineart = LineArt(ink, np.ones((5, 7), np.uint8), np.full((5, 7), 255, np.uint8), 2.0)
    assert not len(find_trace_contacts(lineart, find_segments(lineart)))


# --- colors, by belief propagation and by summing over all cases --------------------------------

PAPER, SLEEVE, SLEEVE_SHADOW, TROUSERS, TROUSERS_SHADOW = range(5)

Shown = tuple[Contacts, Ints, Floats]


def shown(ids: Sequence[int], *rows: tuple[int, int, int], trust: float = 1.0) -> Shown:
    """A reference."""
    return contacts_of(*rows), np.array(ids, np.int32), np.full(len(ids), trust, np.float32)


UNSHADED_SLEEVE = shown([SLEEVE, TROUSERS, TROUSERS_SHADOW], (2, 3, RED_HUE))
SHADED_SLEEVE = shown([SLEEVE, SLEEVE_SHADOW], (1, 2, RED_HUE))

TORN = np.array(
    [
        [0, 0.90, 0.04, 0.04, 0.02],  # the sleeve
        [0, 0.15, 0.30, 0.00, 0.55],  # its shadow, more like that of the trousers
        [0, 0.00, 0.02, 0.95, 0.03],  # the trousers
        [0, 0.00, 0.05, 0.05, 0.90],  # their shadow
    ],
    np.float32,
)
ONE_TRACE = contacts_of((1, 2, RED_HUE))
TRACES = contacts_of((1, 2, RED_HUE), (3, 4, RED_HUE))


def test_a_shadow_gets_the_shadow_color_of_its_part() -> None:
    settled = settle_shades(TORN, TRACES, [UNSHADED_SLEEVE, SHADED_SLEEVE])
    assert TORN.argmax(axis=1).tolist() == [SLEEVE, TROUSERS_SHADOW, TROUSERS, TROUSERS_SHADOW]
    assert settled.argmax(axis=1).tolist() == [SLEEVE, SLEEVE_SHADOW, TROUSERS, TROUSERS_SHADOW]
    assert settled[1, SLEEVE_SHADOW] > 0.6


def test_two_sides_of_a_trace_differ() -> None:
    votes = np.array([[0, 0.8, 0.2], [0, 0.55, 0.45]], np.float32)
    settled = settle_shades(votes, ONE_TRACE, [])
    assert settled.argmax(axis=1).tolist() == [SLEEVE, SLEEVE_SHADOW]


def test_the_hue_of_a_trace_tells_shadow_from_highlight() -> None:
    normal, shadow, light = range(1, 4)
    reference = shown([normal, shadow, light], (1, 2, RED_HUE), (1, 3, BLUE_HUE))
    votes = np.array([[0, 0.9, 0.05, 0.05], [0, 0.1, 0.5, 0.4]], np.float32)
    red, blue = (
        settle_shades(votes, contacts_of((1, 2, hue)), [reference]).argmax(axis=1).tolist()
        for hue in (RED_HUE, BLUE_HUE)
    )
    assert (red, blue) == ([normal, shadow], [normal, light])


def test_what_nobody_is_sure_of_shows_little() -> None:
    def of_shadow(trust: float) -> float:
        pair = shown([SLEEVE, SLEEVE_SHADOW], (1, 2, RED_HUE), trust=trust)
        return float(settle_shades(TORN, TRACES, [UNSHADED_SLEEVE, pair])[1, SLEEVE_SHADOW])

    assert of_shadow(0.0) < of_shadow(0.3) < of_shadow(0.9)


def test_a_contradiction_is_doubted() -> None:
    # Both are sure to be a sleeve in light; a trace between them says that one of them is not.
    votes = np.array([[0, 0.9, 0.1], [0, 0.9, 0.1]], np.float32)
    settled = settle_shades(votes, ONE_TRACE, [SHADED_SLEEVE])
    assert (settled.max(axis=1) < 0.7).all()


def test_segments_that_touch_no_trace_keep_their_shares() -> None:
    settled = settle_shades(TORN, ONE_TRACE, [SHADED_SLEEVE])
    np.testing.assert_array_equal(settled[2:], TORN[2:])
    assert settled.dtype == np.float32


SKIN, SKIN_SHADOW, SHIRT = 1, 2, 3
SHADED_SKIN = shown([PAPER, SKIN, SKIN_SHADOW, SHIRT], (2, 3, RED_HUE))
BESIDE_SKIN = np.array([[0.89, 0.0, 0.11, 0.0], [0.1, 0.81, 0.09, 0.0]], np.float32)


def reaching(*rows: tuple[int, int, float, float]) -> Contacts:
    """Contacts in red: the two labels, and the share of the border of either."""
    shares = np.array([row[2:] for row in rows], np.float32)
    return replace(contacts_of(*((*row[:2], RED_HUE) for row in rows)), share=shares)


def test_the_paper_around_a_figure_is_not_its_shadow() -> None:
    # The trace of the skin's shadow touches the paper for a few pixels.
    for short in ((0.002, 0.01), (0.01, 0.05), (0.001, 0.2)):
        settled = settle_shades(BESIDE_SKIN, reaching((1, 2, *short)), [SHADED_SKIN])
        assert settled[0].argmax() == PAPER, short
        assert settled[0, PAPER] > 0.85, short
        assert settled[1, SKIN] > 0.75, short


def test_many_short_contacts_are_no_long_one() -> None:
    votes = np.concatenate([BESIDE_SKIN[:1], np.repeat(BESIDE_SKIN[1:], 8, axis=0)])
    touching = reaching(*((1, other, 0.01, 0.3) for other in range(2, 10)))
    settled = settle_shades(votes, touching, [SHADED_SKIN])
    assert settled[0, PAPER] > 0.85


def test_a_sure_vote_does_not_give_way_to_a_crumb() -> None:
    # The crumb's border is half trace; of the shirt's that is next to nothing.
    votes = np.array([[0.0, 0.05, 0.1, 0.85], [0.0, 1.0, 0.0, 0.0]], np.float32)
    settled = settle_shades(votes, reaching((1, 2, 0.008, 0.5)), [SHADED_SKIN])
    np.testing.assert_allclose(settled[0], votes[0], atol=0.03)


def test_what_is_torn_between_shadow_and_paper_is_a_shadow_behind_a_long_trace() -> None:
    votes = np.array([[0.55, 0.0, 0.45, 0.0], [0.0, 0.95, 0.05, 0.0]], np.float32)
    settled = settle_shades(votes, reaching((1, 2, 0.5, 0.2)), [SHADED_SKIN])
    assert settled[0].argmax() == SKIN_SHADOW


def test_paper_is_a_shade_where_a_reference_shows_it() -> None:
    # A highlight left bare, which a reference shows beside the skin.
    bare = shown([SKIN, PAPER, SKIN_SHADOW], (1, 2, RED_HUE), (1, 3, RED_HUE))
    votes = np.array([[0.5, 0.0, 0.3, 0.2], [0.0, 0.95, 0.05, 0.0]], np.float32)
    settled = settle_shades(votes, reaching((1, 2, 0.5, 0.2)), [bare])
    assert settled[0].argmax() == PAPER
    assert settled[0, PAPER] > 0.55
    hearsay = (bare[0], bare[1], np.full(3, 0.05, np.float32))  # nobody is sure of that pair
    assert settle_shades(votes, reaching((1, 2, 0.5, 0.2)), [hearsay])[0].argmax() == SKIN_SHADOW


def test_black_lines_of_an_all_trace_cel_say_less_than_traces() -> None:
    by_hue = [
        settle_shades(
            TORN,
            contacts_of((1, 2, hue)),
            [UNSHADED_SLEEVE, shown([SLEEVE, SLEEVE_SHADOW], (1, 2, hue))],
        )[1, SLEEVE_SHADOW]
        for hue in (BLACK_HUE, RED_HUE)
    ]
    assert TORN[1, SLEEVE_SHADOW] < by_hue[0] < by_hue[1]


# What the ramps of `REAL` and `HEARD` make of a contact that takes that share of both borders.
HEARD_BY_SHARE = {1.0: 1.0, 0.05: 0.375, 0.03: 0.0625, 0.01: 0.0}


def sum_over_all_cases(votes: Floats, traces: Contacts, references: Sequence[Shown]) -> Floats:
    """Marginals by definition: every assignment weighed; the last color is none of the others."""
    count, colors = votes.shape
    everywhere, by_hue = set(), set()
    for rows, ids, _ in references:
        for (one, two), hue in zip(rows.labels.tolist(), rows.hue.tolist(), strict=True):
            pair = frozenset((int(ids[one - 1]), int(ids[two - 1])))
            everywhere.add(pair)
            by_hue.add((hue, pair))

    def fit(one: int, two: int, hue: int) -> float:
        pair = frozenset((one, two))
        if colors in pair:
            return NO_SHADE if PAPER in pair else ABSENT_FITS
        if one == two:
            return SAME
        if (hue, pair) in by_hue:
            return 1.0
        others = [color for color in pair for other in everywhere - {pair} if {color} < other]
        unseen = NO_SHADE if PAPER in pair else NEVER_SEEN[len(set(others))]
        return max(unseen, OTHER_HUE) if pair in everywhere else unseen

    edges = [
        (int(one) - 1, int(two) - 1, int(hue), HEARD_BY_SHARE[round(float(share), 2)])
        for (one, two), hue, (share, _) in zip(traces.labels, traces.hue, traces.share, strict=True)
    ]
    cast = votes.sum(axis=1, keepdims=True)
    prior = votes / cast
    hears = np.zeros((count, 1))
    for *ends, _, heard in edges:
        hears[ends] = heard
    prior *= 1 - ABSENT * hears * (1 - prior.max(axis=1, keepdims=True))
    prior = np.concatenate([prior, 1 - prior.sum(axis=1, keepdims=True)], axis=1)
    marginal = np.zeros(prior.shape)
    for case in itertools.product(range(colors + 1), repeat=count):
        weight = np.prod([prior[row, color] for row, color in enumerate(case)])
        for one, two, hue, heard in edges:
            weight *= 1 - heard + heard * fit(case[one], case[two], hue)
        marginal[np.arange(count), case] += weight
    settled = votes.copy()
    linked = sorted({row for *ends, _, heard in edges if heard for row in ends})
    settled[linked] = (cast * marginal / marginal.sum(axis=1, keepdims=True))[linked, :colors]
    return settled


TREES: list[list[tuple[int, int, int]]] = [
    [],
    [(1, 2, RED_HUE)],
    [(2, 4, BLUE_HUE)],
    [(1, 2, RED_HUE), (2, 3, BLUE_HUE), (3, 4, RED_HUE)],
    [(1, 2, RED_HUE), (1, 3, RED_HUE), (1, 4, BLUE_HUE)],
]
PAIRS = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 4), st.sampled_from([RED_HUE, BLUE_HUE])),
    max_size=4,
)


@given(
    st.sampled_from(TREES), st.sampled_from(sorted(HEARD_BY_SHARE)), PAIRS, st.integers(0, 2**31)
)
def test_on_trees_it_is_the_sum_over_all_cases(
    tree: list[tuple[int, int, int]], share: float, rows: list[tuple[int, int, int]], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    traces = contacts_of(*tree, share=share)
    votes = rng.dirichlet(np.full(4, 0.5), 4).astype(np.float32) * np.float32(rng.uniform(0.5, 1))
    reference = shown(list(range(4)), *rows)
    settled = settle_shades(votes, traces, [reference])
    expected = sum_over_all_cases(votes, traces, [reference])
    np.testing.assert_allclose(settled, expected, atol=1e-5)


@given(st.lists(st.permutations([1, 2, 3, 4, 5]), min_size=1, max_size=6), st.integers(0, 2**31))
def test_around_loops_too_shares_are_shares(pairs: list[list[int]], seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = sorted({(min(order[:2]), max(order[:2]), order[2]) for order in pairs})
    votes = (rng.dirichlet(np.full(6, 0.3), 5) * (rng.random(5) < 0.8)[:, None]).astype(np.float32)
    reference = shown([0, 1, 2, 3, UNKNOWN], (1, 2, 1), (3, 5, 1), (2, 4, 4))
    settled = settle_shades(votes, contacts_of(*rows), [reference])
    assert np.isfinite(settled).all()
    assert (settled >= 0).all()
    assert (settled.sum(axis=1) < votes.sum(axis=1) + 1e-5).all()  # nor surer than the votes
    assert (settled[~votes.any(axis=1)] == 0).all()  # no vote, no color
    again = settle_shades(votes, contacts_of(*rows), [reference])
    np.testing.assert_array_equal(settled, again)
    shuffled = contacts_of(*(rows[at] for at in rng.permutation(len(rows))))
    np.testing.assert_allclose(settle_shades(votes, shuffled, [reference]), settled, atol=1e-5)


# --- in painting --------------------------------------------------------------------------------


class Votes(PairwiseMatcher[Floats]):
    """Every reference gets the votes that the target holds."""

    name = "votes"

    def encode(self, lineart: LineArt, segments: Segments) -> Floats:
        raise NotImplementedError

    def compare(self, reference: Floats, target: Floats) -> tuple[Floats, Floats]:
        return target[:, : len(reference)], np.zeros(len(target), np.float32)

    def count(self, target: Floats) -> int:
        return len(target)


U = UNKNOWN


def two_sheets() -> list[KnownColors[EncodedCel]]:
    """One reference of every color, in which only the trousers are shaded, and none besides."""
    ids = np.arange(5, dtype=np.int32)
    return [known_for_certain(cel(np.zeros(5), (4, 5, RED_HUE)), ids)]


def test_what_the_artist_decided_shows_pairs_and_stays() -> None:
    votes = np.concatenate([TORN, TORN[:2]])  # the other sleeve, its trace in blue
    target = cel(votes, (1, 2, RED_HUE), (3, 4, RED_HUE), (5, 6, RED_HUE))
    alone = decide_colors(Votes(), two_sheets(), target)
    assert alone.color_ids.tolist() == [1, 2, 3, 4, 1, 2]
    # So be it: the first sleeve has their shadow.
    decided = np.array([U, TROUSERS_SHADOW, U, U, SLEEVE, U], np.int32)
    painting = decide_colors(Votes(), two_sheets(), target, decided)
    assert painting.color_ids[1] == TROUSERS_SHADOW
    assert painting.locked.tolist() == [False, True, False, False, True, False]
    assert painting.confidence[[1, 4]].tolist() == [1, 1]
    assert painting.alternatives[1].tolist() == [TROUSERS_SHADOW, SLEEVE_SHADOW, SLEEVE, UNKNOWN]
    decided[0] = SLEEVE
    both = decide_colors(Votes(), two_sheets(), target, decided)
    assert both.color_ids[5] == TROUSERS_SHADOW  # as on the first sleeve


def test_alternatives_and_confidence_are_those_of_the_settled_shares() -> None:
    target = cel(TORN, (1, 2, RED_HUE), (3, 4, RED_HUE))
    references = [*two_sheets(), known_for_certain(cel(np.zeros(5)), np.arange(5, dtype=np.int32))]
    painting = decide_colors(Votes(), references, target)
    shares = settle_shades(TORN, target.contacts, [UNSHADED_SLEEVE])
    assert painting.alternatives[:, 0].tolist() == painting.color_ids.tolist()
    np.testing.assert_allclose(painting.confidence, shares.max(axis=1), atol=1e-3)


def test_a_correction_in_a_color_of_its_own() -> None:
    target = cel(TORN, (1, 2, RED_HUE), (3, 4, RED_HUE))
    painting = decide_colors(Votes(), two_sheets(), target, np.array([9, U, U, U], np.int32))
    assert painting.color_ids[0] == 9
    assert painting.color_ids[2:].tolist() == [TROUSERS, TROUSERS_SHADOW]


def test_without_references_corrections_stand_alone() -> None:
    target = cel(np.zeros((3, 0), np.float32), (1, 2, RED_HUE), (2, 3, RED_HUE))
    painting = decide_colors(Votes(), [], target, np.array([U, 1, U], np.int32))
    assert painting.color_ids.tolist() == [UNKNOWN, 1, UNKNOWN]
    assert painting.confidence.tolist() == [0, 1, 0]
