"""`shiage paint`, the page, `shiage check` and the benchmark paint a cel from the same."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from shiage.bench.clicks import ClicksJob, count_clicks
from shiage.bench.contenders import Contender
from shiage.bench.predictions import DrawnClip, PaintedClip
from shiage.bench.protocols import parse_protocol
from shiage.checks.cut import check_cut
from shiage.checks.references import load_references
from shiage.checks.settings import CheckSettings
from shiage.cuts.cut import open_cut
from shiage.cuts.job import CutJob
from shiage.cuts.project import CelWork, Correction, Project, write_project
from shiage.cuts.recipe import Recipe
from shiage.cuts.records import CelRecord
from shiage.cuts.whole_cut import paint_cut
from shiage.data.dataset import list_clips
from shiage.files.notes import Notes
from shiage.matching import MATCHERS
from shiage.painting.painter import Painter
from shiage.web.propagation import Propagation
from shiage.web.questions import find_matches, find_same_part
from shiage.web.session import Session
from tests.integration.conftest import draw_figure, save
from tests.matching.joint import Joint
from tests.training.toy_data import write_toy_set

HAT_XY, BODY_XY, FACE_XY = (72, 14), (72, 60), (72, 45)
HAIR, SHIRT = "#12ab56", "#5612ab"

Shown = dict[str, list[tuple[str, float, bool]]]
"""Color, confidence and whether it is decided, of each segment by name of the cel."""


@pytest.fixture(params=["position", "joint"])
def matcher(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A matcher that compares pairs, and one that does not."""
    monkeypatch.setitem(MATCHERS, "joint", Joint)
    name: str = request.param
    return name


def draw(folder: Path, *names: str, height: int = 120) -> None:
    """Draw cels in which the figure walks on."""
    for at, name in enumerate(names):
        save(folder / "cut" / f"{name}.png", draw_figure(2 * at)[:height])


def twin(folder: Path, name: str, original: str) -> None:
    shutil.copyfile(folder / "cut" / f"{original}.png", folder / "cut" / f"{name}.png")


def key(folder: Path, name: str, dx: int = 0, height: int = 120) -> None:
    save(folder / "key" / f"{name}.png", draw_figure(dx, painted=True)[:height])


def decide(folder: Path, **colors: dict[tuple[int, int], str]) -> None:
    """Let an artist have decided colors of cels, at pixels."""
    works = {
        name: CelWork(tuple(Correction(at, color) for at, color in dots.items()))
        for name, dots in colors.items()
    }
    write_project(folder / "out", Project(folder / "cut", cels=works))


def walk(folder: Path) -> None:
    draw(folder, *(f"A{number:04}" for number in range(1, 8)))
    key(folder, "A0001")
    key(folder, "A0006", 10)


def twins(folder: Path) -> None:
    walk(folder)
    twin(folder, "A0004", "A0001")  # of a key
    twin(folder, "A0005", "A0003")
    twin(folder, "A0009", "A0002")


def sizes(folder: Path) -> None:
    """The first key says how large all must be; two cels that share a drawing are not."""
    walk(folder)
    draw(folder, "A0002", "A0003", height=119)
    twin(folder, "A0008", "A0003")


def keys_of_two_sizes(folder: Path) -> None:
    walk(folder)
    save(folder / "cut" / "A0004.png", draw_figure(6)[:119])
    key(folder, "A0004", 6, height=119)


def sheets(folder: Path) -> None:
    """A reference that is no cel of the cut serves all; what is corrected is heard beside it."""
    draw(folder, *(f"A{number:04}" for number in range(1, 6)), "B0001")
    twin(folder, "A0004", "A0002")
    key(folder, "model")
    decide(folder, A0003={HAT_XY: HAIR})


def lends(folder: Path) -> None:
    """Columns without anything of their own take what all others have."""
    draw(folder, "A0001", "A0002", "B0001", "B0002", "B0003", "C0001", "C0002", "D0001")
    key(folder, "C0001", 10)
    key(folder, "A0002", 2)
    decide(folder, D0001={BODY_XY: SHIRT}, B0002={(80, 14): HAIR})


def corrected(folder: Path) -> None:
    """There is no key: what is corrected stands in for it, and is painted first."""
    draw(folder, *(f"A{number:04}" for number in range(1, 8)))
    decide(folder, A0002={HAT_XY: HAIR, BODY_XY: SHIRT}, A0006={FACE_XY: HAIR})


def made(folder: Path) -> None:
    """A cel that the artist made a reference; a given one of which a color was changed."""
    walk(folder)
    draw(folder, "B0001")
    decide(folder, A0006={BODY_XY: SHIRT}, A0004={HAT_XY: HAIR})
    session = Session(CutJob(folder / "cut", Recipe((folder / "key",)), out=folder / "out"))
    points = session.find(2).inner_xy.tolist()
    works = dict(session.project.cels)
    works["A0003"] = CelWork(tuple(Correction((x, y), HAIR) for x, y in points), reference=True)
    write_project(folder / "out", Project(folder / "cut", cels=works))


CUTS = [walk, twins, sizes, keys_of_two_sizes, sheets, lends, corrected, made]


def open_job(folder: Path, matcher: str) -> CutJob:
    """A job whose references are given last first."""
    references = sorted((folder / "key").glob("*.png"), reverse=True)
    recipe = Recipe(tuple(references), matcher=matcher)
    return CutJob(folder / "cut", recipe, out=folder / "out", jobs=2)


def by_run(job: CutJob) -> tuple[Shown, dict[str, CelRecord]]:
    """What `shiage paint` makes of a cut."""
    records = {cel.name: cel for cel in paint_cut(job).cels}
    shown = {
        name: [
            (segment.color or "", segment.confidence, segment.locked) for segment in cel.segments
        ]
        for name, cel in records.items()
        if cel.segments
    }
    return shown, records


def by_page(job: CutJob) -> tuple[Shown, Session]:
    """What the page shows of a cut."""
    session = Session(job)
    propagation = Propagation(session)
    session.wait_until_followed()
    propagation.close()
    names = [*session.palette.palette.to_hex(), ""]
    shown = {}
    for desk in session.cels:
        painting = session.cels[desk.original].painting
        if painting is not None:
            ids, sure, locked = painting.color_ids, painting.confidence, painting.locked
            rows = zip(ids.tolist(), sure.tolist(), locked.tolist(), strict=True)
            shown[desk.cel.name] = [(names[at], *others) for at, *others in rows]
    return shown, session


@pytest.mark.parametrize("lay_out", CUTS)
def test_the_page_shows_what_a_run_paints(
    tmp_path: Path, matcher: str, lay_out: Callable[[Path], None]
) -> None:
    lay_out(tmp_path)
    job = open_job(tmp_path, matcher)
    page, session = by_page(job)
    run, records = by_run(job)
    for name, shown in run.items():
        assert page[name] == shown, name
    states = {desk.cel.name: session.cels[desk.original].state for desk in session.cels}
    failed = [name for name, record in records.items() if record.status == "failed"]
    assert failed == [name for name, state in states.items() if state == "failed"]
    assert len(run) > 2


def test_every_room_works_with_a_matcher_that_has_no_pairs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MATCHERS, "joint", Joint)
    walk(tmp_path)
    job = open_job(tmp_path, "joint")
    _, session = by_page(job)
    assert find_matches(session, session.cels[1], 2)[0].cel == 0
    assert len(find_same_part(session, session.cels[1], 2).found) == len(session.cels) - 1
    paint_cut(job)
    references = job.recipe.references
    assert check_cut(job.folder, job.out_folder, references=references, matcher="joint").clean
    painter = Painter(Joint())
    painter.add_reference(tmp_path / "key" / "A0001.png", job.folder / "A0001.png")
    cel = painter.paint(job.folder / "A0002.png")
    assert cel.painting.color_ids.tolist() == [0, 1, 2, 3, 3, 4, 5, 5]
    clips = list(list_clips(write_toy_set(tmp_path / "toy", test=1)))
    frames = PaintedClip(DrawnClip.read(clips[0].folder), Joint()).paint(parse_protocol("cut-1"))
    assert all((frame.colors >= 0).any() for frame in frames)
    rows = count_clicks(ClicksJob({"toy": clips[:1]}, [Contender("joint", "", Joint)]))
    assert {row.matcher for row in rows} >= {"joint"}


@pytest.mark.parametrize("lay_out", [twins, keys_of_two_sizes, sheets, lends])
def test_a_check_judges_a_cel_by_the_references_that_it_was_painted_from(
    tmp_path: Path, lay_out: Callable[[Path], None]
) -> None:
    """What was decided in the page is no reference of a check."""
    lay_out(tmp_path)
    shutil.rmtree(tmp_path / "out", ignore_errors=True)
    job = open_job(tmp_path, "position")
    _, records = by_run(job)
    cut = open_cut(job.folder, [tmp_path / "key"])
    models = load_references(cut, job.recipe.references, None, CheckSettings(), None, Notes())
    names = {one.name for one in models.given} | {cel.name for cel in models.keys}
    painted = [cel for cel in cut.cels if records[cel.name].status == "painted"]
    for cel in painted:
        judged = [
            one.cel.name if one.cel and one.cel.column == cel.column else one.name
            for one in models.serving(cel)
        ]
        assert judged == [name for name in records[cel.name].references if name in names], cel.name
    assert painted
