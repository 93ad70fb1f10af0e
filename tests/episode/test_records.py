"""Records of cuts, read again, and what an episode makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from shiage.cuts.records import CelRecord, CutRecord, SegmentRecord
from shiage.episode.cuts import EpisodeCut
from shiage.episode.records import EpisodeRecord, Status, begin, read_record, summarize

SEGMENTS = tuple(
    SegmentRecord(label, (0, 0, 4, 5), 20, "#102030", sure, ("none",), locked, 1)
    for label, sure, locked in ((1, 0.9, False), (2, 0.4, False), (3, 0.2, False), (4, 0.1, True))
)
PAINTED = CelRecord("A/0001", "A", 1, "painted", "ab", (4, 5), ("A/0002",), undecided=2,
                    segments=SEGMENTS)  # fmt: skip
GIVEN = CelRecord("A/0002", "A", 2, "reference", segments=SEGMENTS)
FAILED = CelRecord("A/\udc93", "A", 3, "failed", message="A/\udc93: is empty")


def cut_of(*cels: CelRecord, errors: tuple[str, ...] = (), interrupted: bool = False) -> CutRecord:
    palette = (("paper", "none"), ("肌", "#102030"))
    return CutRecord("cut", "out", "ant", palette, cels, errors, ("odd",), interrupted, 1.5, "0.1")


def test_a_record_is_read_as_it_was_written() -> None:
    record = cut_of(PAINTED, GIVEN, FAILED, errors=("left out",))
    assert CutRecord.from_json(record.to_json()) == record


@pytest.mark.parametrize(
    ("record", "status"),
    [
        (cut_of(PAINTED, GIVEN), "painted"),
        (cut_of(PAINTED, FAILED), "partly"),
        (cut_of(PAINTED, errors=("left out",)), "partly"),
        (cut_of(FAILED), "failed"),
        (cut_of(PAINTED, FAILED, interrupted=True), "interrupted"),
    ],
)
def test_status_of_a_cut(record: CutRecord, status: Status) -> None:
    new = begin(EpisodeCut("c1", Path("ep/c1"), 4), Path("out/c1"))
    assert (new.status, new.cels) == ("waiting", 4)
    assert summarize(new, record, 2.0).status == status


def test_numbers_of_an_episode(tmp_path: Path) -> None:
    new = [begin(EpisodeCut(f"c{n}", Path(f"ep/c{n}"), 3), Path(f"out/c{n}")) for n in (1, 2, 3)]
    good = summarize(new[0], cut_of(PAINTED, GIVEN), 2.0)
    bad = summarize(new[1], cut_of(PAINTED, GIVEN, FAILED, errors=("left out",)), 3.0)
    assert (bad.painted, bad.given, bad.same, bad.failed, bad.done) == (1, 1, 0, 1, 2)
    assert (bad.segments, bad.doubtful, bad.undecided) == (4, 2, 2)
    assert bad.errors == ("left out", "A/\udc93: is empty")
    record = EpisodeRecord("ep", "out", (good, bad, new[2]), ("odd",))
    assert [cut.cels for cut in record.cuts] == [2, 3, 3]  # as painted, once that is known
    assert [record.total(what) for what in ("cels", "painted", "failed")] == [8, 2, 1]
    assert [cut.name for cut in record.by_need()] == ["c2", "c3", "c1"]
    assert read_record(tmp_path) is None
    for text, found in ((record.to_json(), record), ("{}", None), ("[1", None)):
        (tmp_path / "episode.json").write_text(text)
        assert read_record(tmp_path) == found
