"""Views of frames: the same whenever, wherever and from whatever they are made."""

from __future__ import annotations

import pickle
import shutil
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from shiage.data.augment import AugmentSettings, Sample
from shiage.data.dataset import read_clip
from shiage.errors import DatasetError
from shiage.training.frames import (
    AS_DRAWN,
    UNKNOWN_REGION,
    FrameSource,
    FrameTokens,
    find_clips,
    prepare_views,
    tokenize,
)

SETTINGS = AugmentSettings(resize=0)


def assert_same(one: FrameTokens, other: FrameTokens) -> None:
    for f in fields(FrameTokens):
        np.testing.assert_array_equal(getattr(one, f.name), getattr(other, f.name))


def test_only_the_split_asked_for(toy_set: Path) -> None:
    assert len(find_clips([toy_set], "train")) == 2
    assert {clip.info.split for clip in find_clips([toy_set], "validation")} == {"validation"}


def test_no_clip_of_a_split(tmp_path: Path, toy_set: Path) -> None:
    shutil.copytree(toy_set / "hand-drawn", tmp_path / "hand-drawn")
    with pytest.raises(DatasetError, match="validation"):
        find_clips([tmp_path], "validation")


def test_truth_of_a_frame_as_drawn(toy_set: Path) -> None:
    clips = find_clips([toy_set], "train")
    source = FrameSource(clips, SETTINGS)
    for number, clip in enumerate(clips):
        frame = read_clip(clip.info.folder).frames[1]
        tokens = source.load(number, 1, AS_DRAWN)
        assert len(tokens) == len(frame) == clip.counts[1]
        assert [f"{c:06x}" for c in tokens.colors] == [bytes(c).hex() for c in frame.colors]
        known = [r is not None for r in frame.regions]
        assert ((tokens.regions != UNKNOWN_REGION) == known).all()
        np.testing.assert_array_equal(tokens.areas, np.bincount(frame.labels.ravel())[1:])


def test_regions_are_the_same_in_all_frames(toy_set: Path) -> None:
    (number,) = [
        n for n, c in enumerate(find_clips([toy_set], "train")) if c.info.source == "rendered"
    ]
    source = FrameSource(find_clips([toy_set], "train"), SETTINGS)
    first, second = (source.load(number, frame, AS_DRAWN) for frame in (0, 1))
    pairs = set(zip(first.regions.tolist(), first.colors.tolist(), strict=True))
    assert pairs == set(zip(second.regions.tolist(), second.colors.tolist(), strict=True))


def test_mirrored(toy_set: Path) -> None:
    drawn = FrameSource(find_clips([toy_set], "train"), SETTINGS).load(0, 0, AS_DRAWN)
    mirrored = drawn.mirrored()
    assert_same(drawn, mirrored.mirrored())
    np.testing.assert_array_equal(mirrored.boxes, drawn.boxes * [-1, 1, 1, 1])
    # As if the picture had been mirrored before it was cut up, rounding aside.
    clip = find_clips([toy_set], "train")[0]
    sample = Sample.from_frame(read_clip(clip.info.folder).frames[0])
    flipped = replace(sample, line=sample.line[:, ::-1], labels=sample.labels[:, ::-1])
    expected = tokenize(replace(flipped, labels=np.ascontiguousarray(flipped.labels)))
    np.testing.assert_allclose(mirrored.boxes, expected.boxes, atol=1e-6)
    assert np.abs(mirrored.crops.astype(int) - expected.crops).max() <= 1


def test_reframed_is_seen_through_a_camera_that_moved(toy_set: Path) -> None:
    drawn = FrameSource(find_clips([toy_set], "train"), SETTINGS).load(0, 0, AS_DRAWN)
    seen = drawn.reframed(1.5, (0.25, -0.5))
    np.testing.assert_allclose(seen.boxes, drawn.boxes * 1.5 + [0.25, -0.5, 0, 0], rtol=1e-6)
    np.testing.assert_array_equal(seen.crops, drawn.crops)


def test_cached_made_and_sent_views_are_the_same(toy_set: Path, tmp_path: Path) -> None:
    clips = find_clips([toy_set], "train")
    fresh, kept = FrameSource(clips, SETTINGS), FrameSource(clips, SETTINGS, tmp_path)
    for view in (AS_DRAWN, 1, 2, 77):
        made = fresh.load(0, 2, view)
        assert_same(made, kept.load(0, 2, view))
        assert_same(made, kept.load(0, 2, view))
        assert_same(made, pickle.loads(pickle.dumps(kept)).load(0, 2, view))  # noqa: S301
    assert len(list(tmp_path.rglob("*.npz"))) == 4
    assert len({fresh.load(0, 2, view).crops.tobytes() for view in (0, 1, 2, 77)}) > 1


def test_damaged_view_is_made_again(toy_set: Path, tmp_path: Path) -> None:
    source = FrameSource(find_clips([toy_set], "train"), SETTINGS, tmp_path)
    whole = source.load(0, 0, 1)
    (file,) = tmp_path.rglob("*.npz")
    content = file.read_bytes()
    for damaged in (b"", content[:100], content[:-200], content.replace(b"crops", b"crabs")):
        file.write_bytes(damaged)
        assert_same(whole, source.load(0, 0, 1))
        assert file.read_bytes() == content


def test_other_settings_or_clips_are_kept_apart(toy_set: Path, tmp_path: Path) -> None:
    clips = find_clips([toy_set], "train")
    one = FrameSource(clips, SETTINGS, tmp_path)
    for other in (
        FrameSource(clips, AugmentSettings(), tmp_path),
        FrameSource(clips, SETTINGS, tmp_path, crop_size=16),
    ):
        assert one.folder != other.folder
    copy = tmp_path / "copy"
    shutil.copytree(toy_set, copy)
    assert [c.digest for c in find_clips([copy], "train")] == [c.digest for c in clips]
    for picture in copy.rglob("line/0001.png"):
        picture.write_bytes(picture.read_bytes() + b"\0")
    changed = {clip.digest for clip in find_clips([copy], "train")}
    assert not changed & {clip.digest for clip in clips}


@pytest.mark.parametrize("jobs", [1, 2])
def test_preparing(toy_set: Path, tmp_path: Path, jobs: int) -> None:
    source = FrameSource(find_clips([toy_set], "train"), SETTINGS, tmp_path)
    told = []
    assert prepare_views(source, [1, 2], jobs, lambda *news: told.append(news)) == 24
    assert told[-1][1:] == (24, 24)
    assert prepare_views(source, [1, 2], jobs) == 0
    assert prepare_views(source, [1, 2, 3], jobs) == 12
    assert_same(source.load(1, 3, 2), FrameSource(source.clips, SETTINGS).load(1, 3, 2))
