"""A cut that is painted while someone draws on: no cel is ever made of two drawings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from shiage.cuts.cel_files import CelFiles
from shiage.cuts.job import CutJob
from shiage.cuts.outputs import Outputs
from shiage.cuts.project import CelWork, Correction, Project, write_project
from shiage.cuts.recipe import Recipe
from shiage.cuts.records import CelRecord, CutRecord
from shiage.cuts.sources import Sources
from shiage.cuts.whole_cut import paint_cut
from shiage.files.versions import hash_file
from shiage.painting.storage import Storage
from shiage.painting.workshop import Workshop
from tests.files.layers.psds import L, write_psd
from tests.integration.conftest import draw_cut, draw_figure, draw_key, hash_cels, load, save

NEW_RGB = (0x12, 0xAB, 0x56)
BODY_XY = (75, 60)
"""In the second cel."""


def draw_job(folder: Path, count: int = 4) -> CutJob:
    """A cut of four cels, the first of which is given."""
    draw_cut(folder / "cut", count)
    draw_key(folder / "key" / "A0001.png")
    return CutJob(folder / "cut", Recipe((folder / "key",), matcher="shape"), out=folder / "out")


def mend(path: Path) -> None:
    """Save the drawing anew, a little to the right and with as many segments as before."""
    save(path, draw_figure(5, dy=1))


def before(
    patch: pytest.MonkeyPatch, owner: type, name: str, path: Path, change: Callable[[Path], Any]
) -> None:
    """Let a file change right before a method works on it for the first time."""
    real = getattr(owner, name)
    done: list[Path] = []

    def late(self: Any, *args: Any, **options: Any) -> Any:
        if any(path in (arg, getattr(arg, "path", None)) for arg in args) and not done:
            done.append(path)
            change(path)
        return real(self, *args, **options)

    patch.setattr(owner, name, late)


def only_failed(record: CutRecord, name: str) -> CelRecord:
    """The cel of that name; it has failed since its file changed, and no other has."""
    (failed,) = (cel for cel in record.cels if cel.status == "failed")
    assert failed.name == name
    assert f"{name}." in failed.message
    assert "was saved again meanwhile" in failed.message
    assert "try again" in failed.message
    return failed


def painted_cleanly(job: CutJob) -> dict[str, str]:
    """The cels of a run in which nothing changes, by name."""
    paint_cut(replace(job, out=job.out_folder.with_name("clean")))
    return hash_cels(job.out_folder.with_name("clean"))


def go_on(job: CutJob) -> CutRecord:
    """Take the run up again: now all is painted, and as if nothing had happened."""
    record = paint_cut(replace(job, resume=True))
    assert not record.count("failed")
    for cel in record.cels:
        assert cel.sha256 == hash_file(job.folder / f"{cel.name}.png")
    assert hash_cels(job.out_folder) == painted_cleanly(job)
    return record


AT = [(Workshop, "prepare"), (CelFiles, "write")]


@pytest.mark.parametrize(("owner", "name"), AT, ids=["read", "written"])
def test_drawing_saved_anew_while_the_cut_is_painted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: type, name: str
) -> None:
    job = draw_job(tmp_path)
    with monkeypatch.context() as patch:
        before(patch, owner, name, job.folder / "A0003.png", mend)
        only_failed(paint_cut(job), "A0003")
    assert not (job.out_folder / "A0003.png").exists()
    go_on(job)
    painted = load(job.out_folder / "A0003.png")
    np.testing.assert_array_equal(painted, draw_figure(5, dy=1, painted=True))


def test_drawing_saved_after_it_was_written_is_painted_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record must not tell of a drawing that was never seen."""
    job = draw_job(tmp_path)
    with monkeypatch.context() as patch:
        before(patch, Outputs, "save_record", job.folder / "A0003.png", mend)
        assert not paint_cut(job).count("failed")
    go_on(job)


@pytest.mark.parametrize("changing", ["cut", "key"])
def test_given_cel_whose_drawing_or_painting_is_saved_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changing: str
) -> None:
    job = draw_job(tmp_path)
    pass_on = CelFiles.pass_on

    def late(self: CelFiles, *args: Any) -> CelRecord:
        save(tmp_path / changing / "A0001.png", draw_figure(1, painted=changing == "key"))
        return pass_on(self, *args)

    monkeypatch.setattr(CelFiles, "pass_on", late)
    only_failed(paint_cut(job), "A0001")
    assert not (job.out_folder / "A0001.png").exists()


def test_twin_that_is_none_any_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = draw_job(tmp_path)
    twin = job.folder / "A0004.png"
    twin.write_bytes((job.folder / "A0002.png").read_bytes())
    with monkeypatch.context() as patch:
        before(patch, CelFiles, "repeat", twin, mend)
        only_failed(paint_cut(job), "A0004")
    go_on(job)


def test_reference_saved_while_it_is_read_teaches_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = draw_job(tmp_path)
    save(tmp_path / "key" / "A0004.png", draw_figure(9, painted=True))
    with monkeypatch.context() as patch:
        key = tmp_path / "key" / "A0004.png"
        other = draw_figure(9, painted=True)[..., [2, 1, 0, 3]]
        before(patch, Workshop, "read_reference", key, lambda path: save(path, other))
        record = paint_cut(job)
    (error,) = record.errors
    assert error.startswith("reference left out")
    assert "A0004.png" in error
    assert [cel.status for cel in record.cels] == ["reference", *["painted"] * 3]


def decide(job: CutJob, name: str, at: tuple[int, int]) -> None:
    """Decide in the page that a segment is green."""
    digest = hash_file(job.folder / f"{name}.png")
    color = "#{:02x}{:02x}{:02x}".format(*NEW_RGB)
    work = CelWork((Correction(at, color),), drawing=digest)
    write_project(job.out_folder, Project(job.folder, cels={name: work}))


@pytest.mark.parametrize("late", [Sources.take_over, None], ids=["when taken over", "before"])
def test_decisions_are_never_laid_on_another_drawing_by_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, late: Any
) -> None:
    job = draw_job(tmp_path)
    decide(job, "A0002", BODY_XY)
    other = draw_figure(3, dy=2)
    other[5:11, 5:11, :3] = 0  # a box in the corner: all other segments have another number
    other[7:9, 7:9, :3] = 255
    with monkeypatch.context() as patch:
        if late:

            def take_over(self: Sources, *args: Any) -> None:
                late(self, *args)
                save(job.folder / "A0002.png", other)

            patch.setattr(Sources, "take_over", take_over)
            only_failed(paint_cut(job), "A0002")
        else:
            save(job.folder / "A0002.png", other)
    record = paint_cut(replace(job, resume=bool(late)))
    assert not record.count("failed")
    painted = load(job.out_folder / "A0002.png")
    assert tuple(painted[62, 75, :3]) == NEW_RGB
    assert (painted[..., :3] == NEW_RGB).all(axis=-1).sum() > 1000
    (told,) = (w for w in record.warnings if "A0002.png" in w)
    assert "has changed since its colors were decided" in told
    assert "1 of 1 decisions still have a segment" in told


def test_decision_without_its_segment_is_told(tmp_path: Path) -> None:
    job = draw_job(tmp_path)
    decide(job, "A0002", BODY_XY)
    other = draw_figure(3)
    other[50:70, 70:80, :3] = 0
    save(job.folder / "A0002.png", other)
    (told,) = (w for w in paint_cut(job).warnings if "A0002.png" in w)
    assert "0 of 1 decisions still have a segment, 1 on a line or outside" in told
    assert not (load(job.out_folder / "A0002.png")[..., :3] == NEW_RGB).all(axis=-1).any()


def test_layers_of_one_drawing_get_no_paint_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A PSD is read a second time when it is written: for the artist's own layers."""
    draw_key(tmp_path / "key" / "A0001.png")

    def save_psd(path: Path, rgba: Any) -> None:
        rgba = rgba.copy()
        rgba[(rgba[..., :3] == 255).all(axis=-1)] = 0
        write_psd(path, L("線", rgba), size_hw=rgba.shape[:2])

    for number in (1, 2):
        save_psd(tmp_path / "cut" / f"A000{number}.psd", draw_figure(3 * (number - 1)))
    job = CutJob(
        tmp_path / "cut", Recipe((tmp_path / "key",), matcher="shape"), out=tmp_path / "out"
    )
    job = replace(job, storage=Storage("PSD"))
    with monkeypatch.context() as patch:
        path = job.folder / "A0002.psd"
        before(patch, CelFiles, "write", path, lambda path: save_psd(path, draw_figure(6)))
        only_failed(paint_cut(job), "A0002")
    assert not (job.out_folder / "A0002.psd").exists()
    paint_cut(replace(job, resume=True))
    np.testing.assert_array_equal(
        load(job.out_folder / "A0002.psd")[60, 78, :3], draw_figure(6, painted=True)[60, 78, :3]
    )


def test_half_a_file_at_the_beginning_and_all_of_it_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = draw_job(tmp_path)
    path = job.folder / "A0003.png"
    whole = path.read_bytes()
    path.write_bytes(whole[:200])
    with monkeypatch.context() as patch:
        before(patch, Workshop, "prepare", path, lambda path: path.write_bytes(whole))
        only_failed(paint_cut(job), "A0003")
    go_on(job)
