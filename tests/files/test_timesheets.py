"""Timesheets as programs write them: read, written again, matched with drawings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiage.cuts.cut import open_cut
from shiage.cuts.sheet_match import match_cels
from shiage.errors import DamagedTimesheet, FileError, UnreadableFile, WriteFailed
from shiage.files.nesting import MOST_NESTED
from shiage.files.timesheets import (
    Column,
    Timesheet,
    encode_xdts,
    find_timesheet,
    list_timesheets,
    open_timesheet,
    read_timesheet,
    write_xdts,
)

XDTS = "exchangeDigitalTimeSheet Save Data"
TDTS = "toeiDigitalTimeSheet Save Data"
NULL = "SYMBOL_NULL_CELL"
TICK = "SYMBOL_TICK_1"
REVERSE = "SYMBOL_TICK_2"
HYPHEN = "SYMBOL_HYPHEN"

Json = dict[str, Any]


def entry(frame: Any, *values: Any, **more: Any) -> Json:
    return {"frame": frame, "data": [{"id": 0, "values": list(values), **more}]}


def track(number: Any, *frames: Any) -> Json:
    return {"trackNo": number, "frames": list(frames)}


def table(names: Any, tracks: Any, duration: Any = 24, **more: Any) -> Json:
    return {
        "name": "sheet1",
        "duration": duration,
        "timeTableHeaders": [{"fieldId": 0, "names": names}],
        "fields": [{"fieldId": 0, "tracks": tracks}],
        **more,
    }


def xdts(*tables: Any, **more: Any) -> Json:
    return {"version": 5, "timeTables": list(tables), **more}


def save(folder: Path, document: Any, line: str = XDTS, name: str = "c012.xdts") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(f"{line}\n{json.dumps(document, ensure_ascii=False)}".encode())
    return path


def read(folder: Path, document: Any, line: str = XDTS) -> Timesheet:
    return read_timesheet(save(folder, document, line))


def read_one(folder: Path, *frames: Any, duration: Any = 24) -> Column:
    """The only column of a sheet whose track has these entries."""
    return read(folder, xdts(table(["A"], [track(0, *frames)], duration))).columns[0]


def written(timesheet: Timesheet) -> Json:
    """The JSON that is written for a timesheet."""
    line, text = encode_xdts(timesheet).decode().split("\n", 1)
    assert line == XDTS
    document: Json = json.loads(text)
    return document


def written_entries(timesheet: Timesheet, column: int = 0) -> list[tuple[int, str]]:
    tracks = written(timesheet)["timeTables"][0]["fields"][0]["tracks"]
    (frames,) = [t["frames"] for t in tracks if t["trackNo"] == column]
    return [(f["frame"], f["data"][0]["values"][0]) for f in frames]


def read_again(folder: Path, timesheet: Timesheet) -> Timesheet:
    path = folder / "again.xdts"
    write_xdts(path, timesheet)
    return read_timesheet(path)


SHEET = Timesheet(
    "sheet1",
    8,
    (
        Column("A", ((0, "1"), (3, "2"), (6, None))),
        Column("B", ((2, "1"), (4, "3a"), (5, "1"))),
        Column("C"),
    ),
    cut="12",
    scene="3",
)


# --- what a sheet tells -------------------------------------------------------------------------


def test_a_sheet_as_published(tmp_path: Path) -> None:
    a = track(0, entry(0, "1"), entry(3, "2"), entry(6, "3a"), entry(24, NULL))
    b = track(1, entry(0, NULL), entry(12, "1"), entry(24, NULL))
    found = read(tmp_path, xdts(table(["A", "B"], [a, b]), header={"cut": "12", "scene": "3"}))
    assert (found.name, found.duration, found.cut, found.scene) == ("sheet1", 24, "12", "3")
    assert found.columns == (
        Column("A", ((0, "1"), (3, "2"), (6, "3a"))),
        Column("B", ((12, "1"),)),
    )
    assert found.warnings == ()


def test_track_0_is_the_bottom_column_in_whatever_order_tracks_lie_in_the_file(
    tmp_path: Path,
) -> None:
    tracks = [track(2, entry(0, "7")), track(0, entry(0, "5"))]
    found = read(tmp_path, xdts(table(["A", "B", "C"], tracks)))
    assert [(c.name, c.cels()) for c in found.columns] == [("A", ["5"]), ("B", []), ("C", ["7"])]


def test_a_column_is_asked_for_by_name_whatever_its_case_or_by_place() -> None:
    assert SHEET.cel_at("a", 3) == SHEET.cel_at(0, 3) == "2"
    assert SHEET.cel_at("ｂ", 4) == "3a"
    for missing in ("D", 3, -1):
        with pytest.raises(KeyError):
            SHEET.cel_at(missing, 0)


def test_of_columns_that_differ_in_case_the_name_as_given_counts() -> None:
    sheet = Timesheet("", 2, (Column("a", ((0, "1"),)), Column("A", ((0, "2"),))))
    assert (sheet.cel_at("a", 0), sheet.cel_at("A", 0)) == ("1", "2")


def test_the_cel_at_each_frame() -> None:
    assert [SHEET.cel_at("A", frame) for frame in range(8)] == [*"111222", None, None]
    assert [SHEET.cel_at("B", f) for f in range(8)] == [None, None, "1", "1", "3a", "1", "1", "1"]
    assert [SHEET.cel_at("B", frame) for frame in (-1, 8, 100)] == [None] * 3


def test_holds_sum_to_the_duration() -> None:
    assert SHEET.holds("A") == [("1", 3), ("2", 3), (None, 2)]
    assert SHEET.holds("B") == [(None, 2), ("1", 2), ("3a", 1), ("1", 3)]
    assert SHEET.holds("C") == [(None, 8)]


def test_cels_used_are_told_once_in_order_of_first_use() -> None:
    sheet = Timesheet("", 9, (Column("A", ((0, "3"), (1, "1"), (2, "3"), (3, None), (4, "2"))),))
    assert sheet.cels_used("A") == ["3", "1", "2"]
    assert SHEET.cels_used("C") == []


@pytest.mark.parametrize(
    "exposures",
    [
        ((-1, "1"),),
        ((3, "1"), (3, "2")),
        ((3, "1"), (2, "2")),
        ((0, "1"), (2, "1")),
        ((0, None),),
        ((0, ""),),
        ((0, " 1"),),
        ((0, NULL),),
    ],
)
def test_a_column_out_of_order_is_refused(exposures: tuple[tuple[int, str | None], ...]) -> None:
    with pytest.raises(ValueError, match="column A"):
        Column("A", exposures)


def test_a_column_with_cels_has_a_name() -> None:
    assert Column("").exposures == ()
    with pytest.raises(ValueError, match="name"):
        Column("", ((0, "1"),))


@pytest.mark.parametrize("duration", [0, -5, 6, 10**9])
def test_a_sheet_that_ends_before_its_columns_or_never_is_refused(duration: int) -> None:
    with pytest.raises(ValueError, match=r"duration|frame 6"):
        replace(SHEET, duration=duration)


# --- what programs write ------------------------------------------------------------------------


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "", "\n\n", "  \r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["", "\r\n", "\0\0"])
def test_marks_line_breaks_and_what_trails(
    tmp_path: Path, line_break: str, mark: bytes, end: str
) -> None:
    text = json.dumps(xdts(table(["A"], [track(0, entry(0, "1"))])), indent=2)
    path = tmp_path / "c012.xtds"
    path.write_bytes(mark + (XDTS + line_break + text.replace("\n", "\r\n") + end).encode())
    assert read_timesheet(path).columns == (Column("A", ((0, "1"),)),)


def test_a_negative_frame_is_what_is_seen_first(tmp_path: Path) -> None:
    assert read_one(tmp_path, entry(-3, "1"), entry(-1, "4"), entry(5, "2")).exposures == (
        (0, "4"),
        (5, "2"),
    )


def test_a_negative_frame_yields_to_frame_0(tmp_path: Path) -> None:
    assert read_one(tmp_path, entry(-1, "4"), entry(0, "2")).exposures == ((0, "2"),)
    assert read_one(tmp_path, entry(-1, "4"), entry(0, NULL)).exposures == ()


@pytest.mark.parametrize("hold", [TICK, REVERSE, HYPHEN])
def test_ticks_and_hyphens_hold(tmp_path: Path, hold: str) -> None:
    column = read_one(
        tmp_path, entry(0, "1"), entry(2, hold), entry(4, NULL), entry(5, hold), entry(7, "2")
    )
    assert column.exposures == ((0, "1"), (4, None), (7, "2"))
    assert read_one(tmp_path, entry(-1, "1"), entry(0, hold)).exposures == ((0, "1"),)


def test_an_unknown_symbol_holds_and_is_told(tmp_path: Path) -> None:
    tracks = [track(0, entry(0, "1"), entry(2, "SYMBOL_STAR"), entry(4, "2"))]
    found = read(tmp_path, xdts(table(["A"], tracks)))
    assert found.columns[0].exposures == ((0, "1"), (4, "2"))
    assert found.warnings == ("Column A: unknown instructions passed over: SYMBOL_STAR.",)


def test_a_cel_told_again_is_no_change(tmp_path: Path) -> None:
    column = read_one(tmp_path, entry(0, NULL), entry(1, "1"), entry(2, "1"), entry(3, "2"))
    assert column.exposures == ((1, "1"), (3, "2"))


def test_entries_in_any_order(tmp_path: Path) -> None:
    column = read_one(tmp_path, entry(9, "3"), entry(0, "1"), entry(24, NULL), entry(4, "2"))
    assert column.exposures == ((0, "1"), (4, "2"), (9, "3"))


def test_cels_past_the_duration_are_kept_apart_and_told(tmp_path: Path) -> None:
    tracks = [track(0, entry(0, "1"), entry(24, "9"), entry(30, "1"), entry(36, NULL))]
    found = read(tmp_path, xdts(table(["A"], tracks)))
    assert found.columns[0].exposures == ((0, "1"),)
    assert found.columns[0].after == ("9",)
    assert found.cel_at("A", 25) is None
    assert found.warnings == ("Column A: 9 only after the last of 24 frames.",)


def test_numbers_for_texts_and_texts_for_numbers(tmp_path: Path) -> None:
    tracks = [track("0", entry("0", 1), entry(3.0, 2.0), entry(6, " 3a "))]
    document = xdts(table(["A"], tracks, "24"), header={"cut": 12, "scene": None})
    document["timeTables"][0]["fields"][0]["fieldId"] = "0"
    found = read(tmp_path, document)
    assert found.columns == (Column("A", ((0, "1"), (3, "2"), (6, "3a"))),)
    assert (found.duration, found.cut, found.scene) == (24, "12", "")
    assert found.warnings == ()


def test_an_entry_without_a_value_holds_an_empty_value_ends(tmp_path: Path) -> None:
    nothings: list[Json] = [{"data": []}, {"data": None}, {}, {"data": [{"memo": "aGk="}]}]
    nothings += [{"data": [{"id": 0, "values": values}]} for values in (None, [], [None])]
    for nothing in nothings:
        column = read_one(tmp_path, entry(0, "1"), {"frame": 3, **nothing}, entry(6, ""))
        assert column.exposures == ((0, "1"), (6, None)), nothing


def test_instructions_of_other_kinds_are_passed_over(tmp_path: Path) -> None:
    data = [{"id": 7, "values": ["x"]}, {"id": 0, "values": ["2", "more"]}]
    column = read_one(tmp_path, entry(0, "1"), {"frame": 3, "data": data})
    assert column.exposures == ((0, "1"), (3, "2"))


def test_entries_that_make_no_sense_do_not_spoil_the_others(tmp_path: Path) -> None:
    broken: list[Any] = [None, 5, "x", [], {}, {"frame": None}, {"frame": 1.5}, {"frame": 10**15}]
    broken += [{"frame": 2, "data": "x"}, entry(3, {"a": 1}), entry(4, True)]
    tracks = [track(0, entry(0, "1"), *broken, entry(8, "2"))]
    found = read(tmp_path, xdts(table(["A"], tracks)))
    assert found.columns[0].exposures == ((0, "1"), (8, "2"))
    assert found.warnings == (f"Column A: {len(broken)} entries could not be understood.",)


def test_of_two_entries_at_a_frame_the_last_cel_counts(tmp_path: Path) -> None:
    tracks = [track(0, entry(0, "1"), entry(3, "2"), entry(3, "3"), entry(3, TICK))]
    found = read(tmp_path, xdts(table(["A"], tracks)))
    assert found.columns[0].exposures == ((0, "1"), (3, "3"))
    assert found.warnings == ("Column A: 2 entries at a frame that had one already.",)


def test_tracks_that_make_no_sense_do_not_spoil_the_others(tmp_path: Path) -> None:
    broken: list[Any] = [
        None,
        {},
        track(-1, entry(0, "1")),
        track(10**9, entry(0, "1")),
        track("x"),
    ]
    broken += [track(0, entry(0, "99"))]
    found = read(tmp_path, xdts(table(["A"], [track(0, entry(0, "1")), *broken])))
    assert found.columns == (Column("A", ((0, "1"),)),)
    (told,) = found.warnings
    assert told.startswith("6 columns")


def test_columns_without_names_get_letters(tmp_path: Path) -> None:
    tracks = [track(n, entry(0, "1")) for n in (0, 1, 3, 27)]
    found = read(tmp_path, xdts(table(["b", "", None], tracks)))
    assert {c.name for c in found.columns if c.exposures} == {"b", "C", "D", "AB"}
    assert [c.name for c in found.columns][:5] == ["b", "C", "", "D", ""]
    assert len(found.columns) == 28
    assert [told.split(";")[1] for told in found.warnings] == [
        " taken as C.",
        " taken as D.",
        " taken as AB.",
    ]


def test_null_for_lists_and_no_header(tmp_path: Path) -> None:
    document = xdts(table(None, [{"trackNo": 0, "frames": None}]), header=None, komas=None)
    document["timeTables"][0]["fields"] += [None, {"fieldId": 5, "tracks": None}]
    found = read(tmp_path, document)
    assert (found.columns, found.cut) == ((Column(""),), "")


@pytest.mark.parametrize("duration", [None, 0, -1, "long", 2.5, {}])
def test_without_a_duration_the_last_entry_tells(tmp_path: Path, duration: Any) -> None:
    ended = xdts(table(["A"], [track(0, entry(0, "1"), entry(10, NULL))], duration))
    found = read(tmp_path, ended)
    assert found.duration == 10
    assert found.warnings == ("The sheet has no duration; by its last entry it is 10 frames.",)
    open_end = xdts(table(["A"], [track(0, entry(0, "1"), entry(10, "2"))], duration))
    assert read(tmp_path, open_end).duration == 11


def test_of_several_time_tables_the_first_is_taken_and_the_others_told(tmp_path: Path) -> None:
    tables = [table([name], [track(0, entry(0, name))]) for name in "ABC"]
    found = read(tmp_path, xdts(*tables))
    assert [c.name for c in found.columns] == ["A"]
    assert found.warnings == ("The file holds 3 time tables; only the first, sheet1, was taken.",)


def test_camera_and_dialog_are_no_columns_whatever_they_look_like(tmp_path: Path) -> None:
    document = xdts(table(["A"], [track(0, entry(0, "1"))]))
    camera = {"fieldId": 5, "tracks": [{"camera2D": {"x": [1.5]}}, 3], "new": True}
    dialog = {"fieldId": 3, "tracks": [track(0, entry(0, "Mio", "おはよう"))]}
    document["timeTables"][0]["fields"][:0] = [camera, dialog, "?"]
    found = read(tmp_path, document)
    assert found.columns == (Column("A", ((0, "1"),)),)
    assert found.warnings == ()


# --- TDTS ---------------------------------------------------------------------------------------


def new_tdts(*tables: Json, **more: Any) -> Json:
    header = {"cut": "12", "scene": "3", "episode": "01", "workSlip": {"memo": "急ぎ"}}
    return {
        "version": 11,
        "timeSheets": [{"free": [], "header": header, "timeTables": list(tables)}],
        **more,
    }


def test_the_older_tdts_is_as_xdts(tmp_path: Path) -> None:
    document = xdts(table(["A"], [track(0, entry(0, "1"))], books=[], colors=[]), episode="01")
    found = read(tmp_path, document, TDTS)
    assert found.columns == (Column("A", ((0, "1"),)),)
    assert written(found)["episode"] == "01"
    assert written(found)["timeTables"][0]["books"] == []


def test_the_newer_tdts_has_its_tables_in_sheets(tmp_path: Path) -> None:
    extras = {"fontColorId": 2, "attention": True, "memo": "aGk=", "cellReplace": []}
    tracks = [track(0, entry(0, "1", **extras), entry(6, "2"))]
    document = new_tdts(table(["A"], tracks, headDummykomas=24, operatorName="青木"))
    found = read(tmp_path, document, TDTS)
    assert found.columns == (Column("A", ((0, "1"), (6, "2"))),)
    assert (found.cut, found.scene, found.warnings) == ("12", "3", ())
    again = written(found)
    assert again["version"] == 5
    assert "timeSheets" not in again
    assert again["header"] == document["timeSheets"][0]["header"]
    assert again["timeTables"][0]["operatorName"] == "青木"
    first = again["timeTables"][0]["fields"][0]["tracks"][0]["frames"][0]["data"][0]
    assert first == {"id": 0, "values": ["1"], **extras}


def test_cels_in_the_cell_part_of_tdts_alone(tmp_path: Path) -> None:
    cells = {"fieldId": 4, "tracks": [track(0, entry(0, "1"), entry(3, "2"))]}
    action = {"fieldId": 0, "tracks": [track(0, entry(0, TICK))]}
    names = [{"fieldId": 0, "names": ["X"]}, {"fieldId": 4, "names": ["a", "b"]}]
    for fields in ([cells], [action, cells]):
        document = new_tdts(table([], [], fields=fields, timeTableHeaders=names))
        found = read(tmp_path, document, TDTS)
        assert found.columns == (Column("a", ((0, "1"), (3, "2"))), Column("b"))
        assert found.warnings == ()
        assert read_again(tmp_path, found) == found  # in field 0, as XDTS has it


def test_cels_in_both_parts_of_tdts_are_told_if_they_differ(tmp_path: Path) -> None:
    parts = [{"fieldId": f, "tracks": [track(0, entry(0, str(f)))]} for f in (0, 4)]
    found = read(tmp_path, new_tdts(table(["A"], [], fields=parts)), TDTS)
    assert found.cels_used("A") == ["0"]
    assert found.warnings == ("Cels are in two parts of the sheet, fields 0 and 4; 0 was taken.",)
    parts[1]["tracks"] = parts[0]["tracks"]
    assert read(tmp_path, new_tdts(table(["A"], [], fields=parts)), TDTS).warnings == ()


def test_the_other_sheets_of_tdts_are_told_and_kept(tmp_path: Path) -> None:
    document = new_tdts(table(["A"], [track(0, entry(0, "1"))]))
    other = {"header": {"cut": "13"}, "timeTables": [table(["Z"], [])]}
    document["timeSheets"] = [{"timeTables": []}, *document["timeSheets"], other]
    found = read(tmp_path, document, TDTS)
    assert (found.cut, found.columns[0].name) == ("12", "A")
    assert found.warnings == ("The file holds 2 time tables; only the first, sheet1, was taken.",)
    assert written(found)["timeSheets"] == [{"timeTables": []}, other]
    assert read_again(tmp_path, found) == found


# --- writing ------------------------------------------------------------------------------------


def test_a_new_sheet_is_written_as_published() -> None:
    assert written(SHEET) == {
        "header": {"cut": "12", "scene": "3"},
        "timeTables": [
            {
                "name": "sheet1",
                "duration": 8,
                "timeTableHeaders": [{"fieldId": 0, "names": ["A", "B", "C"]}],
                "fields": [
                    {
                        "fieldId": 0,
                        "tracks": [
                            track(0, entry(0, "1"), entry(3, "2"), entry(6, NULL), entry(8, NULL)),
                            track(1, entry(2, "1"), entry(4, "3a"), entry(5, "1"), entry(8, NULL)),
                        ],
                    }
                ],
            }
        ],
        "version": 5,
    }


def test_without_cut_and_scene_no_header_is_written() -> None:
    assert "header" not in written(replace(SHEET, cut="", scene=""))


def test_a_written_file_can_be_read(tmp_path: Path) -> None:
    assert read_again(tmp_path, SHEET) == SHEET


def test_a_sheet_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WriteFailed):
        write_xdts(tmp_path / "file" / "c012.xdts", SHEET)


def rich() -> Json:
    """A sheet with everything around its cels that programs put there."""
    frames = [
        entry(-1, "1", options=["OPTION_KEYFRAME"]),
        entry(2, TICK, memo="aGk="),
        entry(4, "2", fontColorId=3),
        {"frame": 6, "data": [{"id": 9, "values": ["?"]}, {"id": 0, "values": ["3", "x"]}]},
        entry(24, NULL, memo="ZW5k"),
    ]
    tracks = [track(0, *frames) | {"lineColor": [1, 2, 3]}, track(1)]
    document = xdts(
        table(["A", "B", ""], tracks, frameRate=24.0),
        table(["Z"], []),
        header={"cut": "12", "scene": "3", "staff": "青木"},
        subversion="p1",
    )
    first = document["timeTables"][0]
    first["fields"].append({"fieldId": 5, "tracks": [track(0, entry(0, "PAN", x=1.5))]})
    first["timeTableHeaders"].insert(0, {"fieldId": 5, "names": ["1"]})
    return document


def test_what_was_read_keeps_all_that_is_unknown(tmp_path: Path) -> None:
    before = rich()
    after = written(read(tmp_path, before))
    frames = before["timeTables"][0]["fields"][0]["tracks"][0]["frames"]
    frames[0]["frame"] = 0  # the one thing that the format does not allow
    assert after == before


def test_changed_columns_keep_what_is_still_true(tmp_path: Path) -> None:
    found = read(tmp_path, rich())
    a, *others = found.columns
    changed = replace(a, exposures=((0, "1"), (2, "8"), (6, "3"), (12, "4")))
    after = written(replace(found, columns=(changed, *others), cut="99"))
    assert after["header"] == {"cut": "99", "scene": "3", "staff": "青木"}
    (first, *rest) = after["timeTables"][0]["fields"]
    assert rest == rich()["timeTables"][0]["fields"][1:]
    frames = first["tracks"][0]["frames"]
    assert frames == [
        entry(0, "1", options=["OPTION_KEYFRAME"]),
        entry(2, "8", memo="aGk="),
        {"frame": 6, "data": [{"id": 9, "values": ["?"]}, {"id": 0, "values": ["3", "x"]}]},
        entry(12, "4"),
        entry(24, NULL, memo="ZW5k"),
    ]
    assert first["tracks"][0]["lineColor"] == [1, 2, 3]


def test_reading_and_writing_leave_the_document_alone(tmp_path: Path) -> None:
    found = read(tmp_path, rich())
    before = json.dumps(found.document)
    encode_xdts(replace(found, name="other", duration=30, columns=(Column("Q", ((0, "1"),)),)))
    assert json.dumps(found.document) == before


def test_cels_past_the_duration_stay_in_the_file(tmp_path: Path) -> None:
    tracks = [track(0, entry(0, "1"), entry(24, "9"), entry(30, HYPHEN), entry(31, "8"))]
    found = read(tmp_path, xdts(table(["A"], tracks)))
    entries = [(0, "1"), (24, "9"), (30, HYPHEN), (31, "8"), (32, NULL)]
    assert written_entries(found) == entries
    assert read_again(tmp_path, found) == found


def test_a_sheet_made_shorter_or_longer_ends_there(tmp_path: Path) -> None:
    tracks = [track(0, entry(0, "1"), entry(20, "2"), entry(24, NULL))]
    found = read(tmp_path, xdts(table(["A"], tracks)))
    shorter = replace(
        found, duration=12, columns=(replace(found.columns[0], exposures=((0, "1"),)),)
    )
    assert written_entries(shorter) == [(0, "1"), (12, NULL)]
    longer = replace(found, duration=48)
    assert written_entries(longer) == [(0, "1"), (20, "2"), (48, NULL)]
    for sheet in (shorter, longer):
        assert read_again(tmp_path, sheet) == sheet


def test_an_end_is_added_where_there_was_none_or_a_hold(tmp_path: Path) -> None:
    for end in ([], [entry(24, HYPHEN)], [entry(24, NULL)]):
        found = read(tmp_path, xdts(table(["A"], [track(0, entry(0, "1"), *end)])))
        assert written_entries(found) == [(0, "1"), (24, NULL)]


def test_what_the_format_does_not_allow_is_written_as_it_should_be(tmp_path: Path) -> None:
    memo = {"frame": 4, "data": [{"memo": "aGk="}]}
    frames = [entry("0", 1), entry(2, ""), entry(3, "2"), entry(3, "3"), memo, {"frame": 5}, 7]
    document = xdts(table(["A"], [track("0", *frames)], "24"), header={"cut": 12})
    document["version"] = 11
    after = written(read(tmp_path, document))
    assert (after["version"], after["header"]) == (5, {"cut": "12", "scene": ""})
    assert after["timeTables"][0]["duration"] == 24
    assert after["timeTables"][0]["fields"][0]["tracks"] == [
        track(
            0,
            entry(0, "1"),
            entry(2, NULL),
            entry(3, "3"),
            entry(4, HYPHEN, memo="aGk="),
            entry(5, HYPHEN),
            entry(24, NULL),
        )
    ]


NAMES = st.text(min_size=1, max_size=6).map(str.strip).filter(bool)
CELS = st.one_of(st.none(), st.integers(0, 999).map(str), NAMES).filter(
    lambda name: name is None or not name.startswith("SYMBOL_")
)


@st.composite
def exposures(draw: st.DrawFn, duration: int) -> tuple[tuple[int, str | None], ...]:
    changes: list[tuple[int, str | None]] = []
    for frame in sorted(draw(st.sets(st.integers(0, duration - 1), max_size=8))):
        cel = draw(CELS)
        if cel != (changes[-1][1] if changes else None):
            changes.append((frame, cel))
    return tuple(changes)


@st.composite
def timesheets(draw: st.DrawFn) -> Timesheet:
    duration = draw(st.integers(1, 60))
    names = draw(st.lists(NAMES, max_size=4))
    columns = tuple(Column(name, draw(exposures(duration))) for name in names)
    title, cut, scene = (draw(st.text(max_size=5).map(str.strip)) for _ in range(3))
    return Timesheet(title, duration, columns, cut, scene)


@given(timesheets())
def test_any_sheet_comes_back_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, sheet: Timesheet
) -> None:
    folder = tmp_path_factory.getbasetemp()
    again = read_again(folder, sheet)
    assert again == sheet
    assert again.warnings == ()
    assert encode_xdts(again) == encode_xdts(sheet)


@given(timesheets(), st.data())
def test_any_change_to_any_file_comes_back(
    tmp_path_factory: pytest.TempPathFactory, sheet: Timesheet, data: st.DataObject
) -> None:
    folder = tmp_path_factory.getbasetemp()
    read_before = read_again(folder, sheet)
    duration = data.draw(st.integers(1, 60))
    columns = tuple(
        replace(column, exposures=data.draw(exposures(duration))) for column in read_before.columns
    )
    changed = replace(read_before, duration=duration, columns=columns)
    assert read_again(folder, changed) == changed


@given(timesheets())
def test_holds_and_cels_agree(sheet: Timesheet) -> None:
    for place in range(len(sheet.columns)):
        seen = [cel for cel, frames in sheet.holds(place) for _ in range(frames)]
        assert seen == [sheet.cel_at(place, frame) for frame in range(sheet.duration)]
        assert sheet.cels_used(place) == list(dict.fromkeys(c for c in seen if c is not None))


# --- damage -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"hello", "first line"),
        (b"\x89PNG\r\n\x1a\n", "first line"),
        (b'{"version": 5, "timeTables": []}', "first line"),
        (XDTS.encode(), "cut off or corrupt"),
        (XDTS.encode() + b"\n{", "cut off or corrupt"),
        (XDTS.encode() + b'\n{"a": "\xff"}', "cut off or corrupt"),
        (XDTS.encode() + b'\n{"a": 1e999}', "cut off or corrupt"),
        (XDTS.encode() + b'\n{"a": ' + b"9" * 6000 + b"}", "cut off or corrupt"),
        (XDTS.encode() + b'\n{"a": ' + b"[" * 100_000, "cut off or corrupt"),
        (XDTS.encode() + b'\n{"a": ' + b"[" * 5000 + b"]" * 5000 + b"}", "cut off or corrupt"),
        (XDTS.encode() + b"\n{} {}", "cut off or corrupt"),
        (XDTS.encode() + b"\n[]", "no time table"),
        (XDTS.encode() + b"\n{}", "no time table"),
        (XDTS.encode() + b'\n{"timeTables": 5, "timeSheets": [4, {}]}', "no time table"),
        (TDTS.encode() + b'\n{"timeSheets": []}', "no time table"),
        (XDTS.encode() + b'\n{"timeTables": [{}]}', "no duration"),
        (XDTS.encode() + b'\n{"timeTables": [{"duration": 99999999}]}', "99999999 frames"),
    ],
)
def test_damage_is_told(tmp_path: Path, content: bytes, found: str) -> None:
    path = tmp_path / "c012.xdts"
    path.write_bytes(content)
    with pytest.raises(DamagedTimesheet, match=found) as error:
        read_timesheet(path)
    assert error.value.path == path
    assert error.value.expected
    assert error.value.action


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    empty = tmp_path / "empty.xdts"
    empty.touch()
    for path in (empty, tmp_path, tmp_path / "none.xdts", Path("a\0b")):
        with pytest.raises(UnreadableFile):
            read_timesheet(path)


def test_a_file_larger_than_any_timesheet_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_xdts(tmp_path / "c012.xdts", SHEET)
    monkeypatch.setattr("shiage.files.timesheets._MAX_BYTES", 1000)
    with pytest.raises(DamagedTimesheet, match="more than 1,000 bytes"):
        read_timesheet(tmp_path / "c012.xdts")


def test_a_deep_tree_that_can_be_read_can_be_written(tmp_path: Path) -> None:
    document = xdts(table(["A"], [track(0, entry(0, "1"))]))
    depth = MOST_NESTED - 1
    deep = json.dumps(document)[:-1] + ', "deep": ' + "[" * depth + "]" * depth + "}"
    path = tmp_path / "c012.xdts"
    path.write_text(f"{XDTS}\n{deep}")
    found = read_timesheet(path)
    assert read_again(tmp_path, found) == found


def check(path: Path, content: bytes) -> None:
    """Nothing but a `FileError` comes of any content; what can be read can be written."""
    path.write_bytes(content)
    try:
        found = read_timesheet(path)
    except FileError:
        return
    for place in range(len(found.columns)):
        assert sum(frames for _, frames in found.holds(place)) == found.duration
    write_xdts(path, found)
    again = read_timesheet(path)
    assert again == found
    assert encode_xdts(again) == encode_xdts(found)


def test_a_file_cut_off_anywhere_is_damaged(tmp_path: Path) -> None:
    path = save(tmp_path, rich())
    content = path.read_bytes()
    for length in range(len(XDTS) - 2, len(content), 3):
        path.write_bytes(content[:length])
        with pytest.raises(DamagedTimesheet):
            read_timesheet(path)


@given(st.data())
def test_flipped_bytes_never_break_anything(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.xdts"
    document, line = data.draw(
        st.sampled_from([(rich(), XDTS), (new_tdts(table(["A"], [track(0, entry(0, "1"))])), TDTS)])
    )
    content = bytearray(save(path.parent, document, line, path.name).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(len(line), len(content) - 1))] = data.draw(
            st.sampled_from(b'0-9.e"[]{},:na \x00\xff')
        )
    check(path, bytes(content))


KEYS = ["timeTables", "timeSheets", "header", "cut", "scene", "name", "duration"]
KEYS += ["timeTableHeaders", "fields", "fieldId", "names", "tracks", "trackNo", "frames"]
KEYS += ["frame", "data", "id", "values"]

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from([NULL, TICK, HYPHEN, "1", "3a", 0, 4, -1, 10**9, 2**63, 2**64 - 1]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def paths_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where anything is in a tree."""
    items: Sequence[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    return [path, *(found for key, item in items for found in paths_in(item, (*path, key)))]


@given(st.data())
def test_any_json_in_any_place_never_breaks_anything(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.getbasetemp() / "other.xdts"
    line = data.draw(st.sampled_from([XDTS, TDTS]))
    document: Any = data.draw(
        st.sampled_from([rich(), new_tdts(table(["A"], [track(0, entry(0, "1"))]))])
    )
    for _ in range(data.draw(st.integers(1, 3))):
        *way, key = data.draw(st.sampled_from([p for p in paths_in(document) if p]))
        place = document
        for step in way:
            place = place[step]
        place[key] = data.draw(ANYTHING)
    check(path, f"{line}\n{json.dumps(document)}".encode())


@given(ANYTHING)
def test_other_json_never_breaks_anything(
    tmp_path_factory: pytest.TempPathFactory, document: Any
) -> None:
    path = tmp_path_factory.getbasetemp() / "other.xdts"
    for line in (XDTS, TDTS):
        check(path, f"{line}\n{json.dumps(document)}".encode())


# --- finding ------------------------------------------------------------------------------------


def lay_out(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root


@pytest.mark.parametrize(
    "name", ["c012.xdts", "C012.XDTS", "c012.xtds", "c012.Tdts", "_ts/c012.tdts", "_TS/c012.xdts"]
)
def test_a_sheet_in_the_folder_or_in_ts_within(tmp_path: Path, name: str) -> None:
    lay_out(tmp_path, name, "A/A0001.png", "c012.txt", "._c012.xdts", "sub/c012.xdts")
    assert list_timesheets(tmp_path) == [tmp_path / name]


def test_no_sheet(tmp_path: Path) -> None:
    lay_out(tmp_path, "A/A0001.png", "_ts/readme.txt")
    (tmp_path / "folder.xdts").mkdir()
    assert find_timesheet(tmp_path) is None
    assert find_timesheet(tmp_path / "missing") is None
    assert open_timesheet(tmp_path) is None


@pytest.mark.parametrize(
    ("folder", "sheet"),
    [
        ("title_C002", "c002.tdts"),
        ("Cut-002", "ep01_c002_v3.xdts"),
        ("002", "2.xdts"),
        ("title_C002_v2", "c002.tdts"),
        ("line", "c002.tdts"),
        ("title_C002", "sheet.xdts"),
    ],
)
def test_a_sheet_in_ts_beside_the_folder(tmp_path: Path, folder: str, sheet: str) -> None:
    lay_out(tmp_path, f"{folder}/A/A0001.png", f"_ts/{sheet}")
    assert find_timesheet(tmp_path / folder) == (tmp_path / "_ts" / sheet).resolve()


@pytest.mark.parametrize("sheet", ["c003.tdts", "ep002_c003.xdts", "c012.xdts", "3.xdts"])
def test_a_sheet_of_another_cut_is_not_taken(tmp_path: Path, sheet: str) -> None:
    lay_out(tmp_path, "title_C002/A/A0001.png", f"_ts/{sheet}")
    assert find_timesheet(tmp_path / "title_C002") is None


def test_the_newest_by_name_is_the_first_of_a_place(tmp_path: Path) -> None:
    names = ["c012_v10.xdts", "C012_v9.xdts", "c012_v9.tdts", "c012.xdts", "c012.xtds", "c012.tdts"]
    lay_out(tmp_path, *names)
    assert [path.name for path in list_timesheets(tmp_path)] == names


def test_places_count_before_names(tmp_path: Path) -> None:
    cut = tmp_path / "c012"
    lay_out(tmp_path, "c012/c012.xdts", "c012/_ts/c012_v2.xdts", "_ts/c012_v3.xdts")
    assert [path.stem for path in list_timesheets(cut)] == ["c012", "c012_v2", "c012_v3"]


def test_several_sheets_are_told(tmp_path: Path) -> None:
    write_xdts(tmp_path / "c012_v2.xdts", SHEET)
    alone = open_timesheet(tmp_path)
    assert alone == SHEET
    assert alone.warnings == ()
    lay_out(tmp_path, "c012.xdts", *(f"c011_{n}.tdts" for n in range(6)))
    found = open_timesheet(tmp_path)
    assert found == SHEET
    assert found.warnings == (
        "There are 8 timesheets; c012_v2.xdts was taken, not c012.xdts, c011_5.tdts, "
        "c011_4.tdts, c011_3.tdts, c011_2.tdts, ….",
    )


def test_a_damaged_sheet_is_not_passed_over(tmp_path: Path) -> None:
    write_xdts(tmp_path / "c012.xdts", SHEET)
    (tmp_path / "c012_v2.xdts").write_text("?")
    with pytest.raises(DamagedTimesheet):
        open_timesheet(tmp_path)


# --- drawings -----------------------------------------------------------------------------------


def sheet_of(**columns: Sequence[str]) -> Timesheet:
    """A sheet on which each column shows its cels one after the other."""
    duration = max((len(cels) for cels in columns.values()), default=0) + 1
    return Timesheet(
        "sheet1",
        duration,
        tuple(Column(name, tuple(enumerate(cels))) for name, cels in columns.items()),
    )


def match(root: Path, sheet: Timesheet) -> tuple[list[dict[str, str]], tuple[str, ...]]:
    """For each column the files by their names on the sheet; the sentences."""
    found = match_cels(sheet, open_cut(root))
    named = [{name: cel.relative.as_posix() for name, cel in c.items()} for c in found.cels]
    return named, found.sentences


@pytest.mark.parametrize("name", ["12", "012", "0012", "A12", "A0012", "a_0012", "１２", "A.12"])
@pytest.mark.parametrize("file", ["A/A0012.tga", "A/A_0012.png", "a/12.png", "A0012.png"])
def test_a_cel_is_found_by_its_number(tmp_path: Path, name: str, file: str) -> None:
    lay_out(tmp_path, file, "B/B0012.tga")
    found, _ = match(tmp_path, sheet_of(A=[name], B=["12"]))
    assert found == [{name: file}, {"12": "B/B0012.tga"}]


def test_what_follows_the_number_counts(tmp_path: Path) -> None:
    lay_out(tmp_path, "A/A0003.png", "A/A0003a.png", "A/A0004_b.png")
    found, told = match(tmp_path, sheet_of(A=["3", "3a", "3A", "4b", "3c"]))
    assert found == [
        {"3": "A/A0003.png", "3a": "A/A0003a.png", "3A": "A/A0003a.png", "4b": "A/A0004_b.png"}
    ]
    assert told == ("Column A: 3c is on the timesheet, but without a drawing.",)


def test_a_cel_is_found_by_the_name_of_its_file(tmp_path: Path) -> None:
    lay_out(tmp_path, "BOOK/Tree.png", "BOOK/A1 final.png")
    found, _ = match(tmp_path, sheet_of(Book=["tree", "a1 FINAL", "moon"]))
    assert found == [{"tree": "BOOK/Tree.png", "a1 FINAL": "BOOK/A1 final.png"}]


def test_a_column_may_have_several_cels_without_a_number(tmp_path: Path) -> None:
    lay_out(tmp_path, "BOOK/tree.png", "BOOK/sky.png")
    found, _ = match(tmp_path, sheet_of(BOOK=["tree", "sky"]))
    assert found == [{"tree": "BOOK/tree.png", "sky": "BOOK/sky.png"}]


def test_a_drawing_without_a_number_is_not_number_0(tmp_path: Path) -> None:
    lay_out(tmp_path, "A/sky.png", "B/B0000.png")
    assert match(tmp_path, sheet_of(A=["0"], B=["0"]))[0] == [{}, {"0": "B/B0000.png"}]


def test_names_are_one_however_accents_are_stored(tmp_path: Path) -> None:
    lay_out(tmp_path, "\u304b\u3099/0001.png")  # as macOS stores が
    found, _ = match(tmp_path, sheet_of(が=["1"]))
    assert [list(cels) for cels in found] == [["1"]]


def test_a_cel_of_another_column_is_not_taken_for_one_of_this(tmp_path: Path) -> None:
    lay_out(tmp_path, "A/A0001.png", "B/B0001.png")
    found, told = match(tmp_path, sheet_of(A=["B1"], B=["1"]))
    assert found == [{}, {"1": "B/B0001.png"}]
    assert told == (
        "Column A: B1 is on the timesheet, but without a drawing.",
        "Column A: A/A0001 is not on the timesheet.",
    )


def test_a_number_beyond_all_numbers_is_not_found(tmp_path: Path) -> None:
    lay_out(tmp_path, "A/A0001.png")
    assert match(tmp_path, sheet_of(A=["9" * 6000]))[0] == [{}]


def test_a_column_whose_files_carry_the_title_of_the_cut(tmp_path: Path) -> None:
    lay_out(tmp_path, "title_c012_A0001.png", "title_c012_B0001.png")
    found, told = match(tmp_path, sheet_of(A=["1"], B=["1"]))
    assert found == [{"1": "title_c012_A0001.png"}, {"1": "title_c012_B0001.png"}]
    assert told == ()


def test_drawings_without_a_column_are_those_of_the_only_column(tmp_path: Path) -> None:
    lay_out(tmp_path, "0001.png", "0002.png")
    assert match(tmp_path, sheet_of(A=["1"], B=[]))[0] == [{"1": "0001.png"}, {}]
    assert match(tmp_path, sheet_of(A=["1"], B=["1"]))[0] == [{}, {}]


def test_drawings_without_a_column_are_of_the_column_that_the_folder_is(tmp_path: Path) -> None:
    lay_out(tmp_path, "b/0001.png")
    assert match(tmp_path / "b", sheet_of(A=["1"], B=["1"]))[0] == [{}, {"1": "0001.png"}]


def test_what_is_missing_and_what_is_not_listed(tmp_path: Path) -> None:
    lay_out(tmp_path, *(f"A/A{n:04}.png" for n in (1, 2, 5)), "C/C0001.png")
    sheet = sheet_of(A=["1", "3", "4"], BG=["1"])
    found = match_cels(sheet, open_cut(tmp_path))
    assert found.missing == (("A", "3"), ("A", "4"), ("BG", "1"))
    assert [cel.name for cel in found.unlisted] == ["A/A0002", "A/A0005", "C/C0001"]
    assert found.sentences == (
        "Column A: 3 and 4 are on the timesheet, but without a drawing.",
        "Column BG is on the timesheet and has no drawings (1).",
        "Column A: A/A0002 and A/A0005 are not on the timesheet.",
        "Column C: C/C0001 is not on the timesheet.",
    )


def test_long_lists_are_told_in_part(tmp_path: Path) -> None:
    lay_out(tmp_path, "A/A0100.png")
    _, told = match(tmp_path, sheet_of(A=[str(n) for n in range(1, 31)]))
    assert told[0] == (
        "Column A: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 18 more are on the timesheet, but "
        "without a drawing."
    )


def test_a_cel_past_the_duration_is_on_the_sheet_and_need_not_be_drawn(tmp_path: Path) -> None:
    lay_out(tmp_path, "A/A0001.png", "A/A0002.png")
    sheet = Timesheet("sheet1", 4, (Column("A", ((0, "1"),), after=("2", "3")),))
    found, told = match(tmp_path, sheet)
    assert found == [{"1": "A/A0001.png", "2": "A/A0002.png"}]
    assert told == ()


def test_two_columns_may_show_the_same_drawings(tmp_path: Path) -> None:
    lay_out(tmp_path, "A/A0001.png", "A/A0002.png")
    columns = (Column("A", ((0, "1"),)), Column("a", ((0, "2"),)))
    found, told = match(tmp_path, Timesheet("sheet1", 4, columns))
    assert found == [{"1": "A/A0001.png"}, {"2": "A/A0002.png"}]
    assert told == ()
