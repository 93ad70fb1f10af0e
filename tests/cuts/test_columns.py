"""Which cels share a drawing and how large a column's drawings are: one answer for everyone."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from shiage.checks.references import load_references
from shiage.checks.settings import CheckSettings
from shiage.cuts.cut import open_cut
from shiage.cuts.job import CutJob
from shiage.cuts.project import CelWork, Correction, Project, write_project
from shiage.cuts.recipe import Recipe
from shiage.cuts.whole_cut import paint_cut
from shiage.files.notes import Notes
from shiage.web.session import Session
from tests.integration.conftest import draw_figure, draw_key, save


def failed_cels(job: CutJob) -> list[str]:
    """Names of the cels that cannot be painted, of which `shiage paint` and the page agree."""
    session = Session(job)
    for index in range(len(session.cels)):
        session.prepare(session.cels[session.cels[index].original])
    by_page = [d.cel.name for d in session.cels if session.cels[d.original].state == "failed"]
    by_run = [cel.name for cel in paint_cut(job).cels if cel.status == "failed"]
    assert by_page == by_run
    return by_run


def draw(folder: Path, sizes: Sequence[tuple[int, int]]) -> CutJob:
    """A cut whose only reference is a model sheet; cels of one (figure, size) are twins."""
    for number, (dx, height) in enumerate(sizes, start=1):
        save(folder / "cut" / f"A{number:04}.png", draw_figure(dx)[:height])
    save(folder / "model_line.png", draw_figure())
    draw_key(folder / "model.png")
    sheet = folder / "model_line.png", folder / "model.png"
    return CutJob(folder / "cut", Recipe(sheets=(sheet,), matcher="shape"), out=folder / "out")


def test_size_is_that_of_most_cels_twins_among_them(tmp_path: Path) -> None:
    sizes = [(0, 120), (0, 120), (0, 120), (3, 119), (6, 119)]
    assert failed_cels(draw(tmp_path / "one", sizes)) == ["A0004", "A0005"]
    sizes = [(0, 120), (0, 120), (3, 119), (6, 119), (9, 119)]
    assert failed_cels(draw(tmp_path / "other", sizes)) == ["A0001", "A0002"]


def test_size_is_that_of_the_first_given_cel(tmp_path: Path) -> None:
    job = draw(tmp_path, [(0, 119), (3, 119), (6, 120), (6, 120)])
    draw_key(tmp_path / "key" / "A0003.png", 6)
    assert failed_cels(
        replace(job, recipe=replace(job.recipe, references=(tmp_path / "key",)))
    ) == ["A0001", "A0002"]


def test_what_was_decided_in_the_page_does_not_tell_the_size(tmp_path: Path) -> None:
    """The cel was decided as a whole when it still had the size of the others."""
    job = draw(tmp_path, [(0, 120), (3, 120), (6, 119)])
    session = Session(replace(job, folder=draw(tmp_path / "same", [(6, 120)]).folder))
    points = session.find(0).inner_xy.tolist()
    made = tuple(Correction((x, y), "none") for x, y in points)
    works = {"A0003": CelWork(made, reference=True)}
    write_project(job.out_folder, Project(job.folder, cels=works))
    assert failed_cels(replace(job, force=True)) == ["A0003"]


@pytest.mark.parametrize("decided", [False, True])
def test_cel_of_which_something_is_decided_is_no_twin(tmp_path: Path, decided: bool) -> None:
    job = draw(tmp_path, [(0, 120), (0, 120)])
    if decided:
        works = {"A0002": CelWork((Correction((72, 60), "#12ab56"),))}
        write_project(job.out_folder, Project(job.folder, cels=works))
    own = [desk.original == desk.index for desk in Session(job).cels]
    statuses = [cel.status for cel in paint_cut(replace(job, force=True)).cels]
    assert own == [status == "painted" for status in statuses] == [True, decided]


def test_a_check_compares_with_the_keys_that_a_cel_was_painted_from(tmp_path: Path) -> None:
    """Numbers leap, and some drawings repeat: near is who is near in the column."""
    numbers = (1, 2, 3, 4, 50, 51, 52, 53, 54, 55)
    keyed = (1, 2, 3, 51, 52, 53, 54)
    for at, number in enumerate(numbers):
        name = f"A{number:04}.png"
        save(tmp_path / "cut" / name, draw_figure(at))
        if number in keyed:
            draw_key(tmp_path / "key" / name, at)
    for number, original in ((10, 4), (11, 4), (56, 1)):
        source = tmp_path / "cut" / f"A{original:04}.png"
        shutil.copyfile(source, tmp_path / "cut" / f"A{number:04}.png")
    references = (tmp_path / "key",)
    record = paint_cut(
        CutJob(tmp_path / "cut", Recipe(references, matcher="position"), out=tmp_path / "out")
    )
    cut = open_cut(tmp_path / "cut", [tmp_path / "key"])
    models = load_references(cut, references, None, CheckSettings(), None, Notes())
    used = {cel.name: list(cel.references) for cel in record.cels}
    compared = 0
    for cel in cut.cels:
        keys = [model.cel.name for model in models.serving(cel) if model.cel]
        if used[cel.name]:
            compared += 1
            assert keys == [name for name in used[cel.name] if int(name[1:]) in keyed], cel.name
    assert compared == 5
