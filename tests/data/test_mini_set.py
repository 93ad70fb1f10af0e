"""The dataset that is committed: whole, and of all domains."""

from pathlib import Path

from shiage.data.check import check_dataset
from shiage.data.dataset import list_clips

MINI = Path(__file__).parents[2] / "examples" / "mini"


def test_the_mini_set_is_whole() -> None:
    assert check_dataset(MINI).findings == ()


def test_the_mini_set_shows_every_domain_in_both_splits() -> None:
    counts: dict[tuple[str, str], int] = {}
    for clip in list_clips(MINI):
        counts[clip.source, clip.split] = counts.get((clip.source, clip.split), 0) + 1
    assert counts == {
        (source, split): clips
        for source in ("procedural", "rendered", "vector")
        for split, clips in (("train", 5), ("validation", 2))
    }


def test_credit_is_told() -> None:
    for clip in list_clips(MINI):
        assert clip.license.startswith(("Apache-2.0", "CC0", "CC-BY", "MIT")), clip.license
