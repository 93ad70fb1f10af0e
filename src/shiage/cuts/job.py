"""What is asked for: a cut, by which recipe, and where to."""

from __future__ import annotations

from pathlib import Path

import msgspec

from shiage.cuts.cut import DEFAULT_NAMES, Cut, FolderNames
from shiage.cuts.outputs import Outputs
from shiage.cuts.project import Project, read_project
from shiage.cuts.recipe import Recipe
from shiage.cuts.schedule import open_listed
from shiage.errors import BadOption
from shiage.painting.storage import Storage


class CutJob(msgspec.Struct, frozen=True):
    """What to paint, by which recipe, into where.

    Attributes:
        folder: the cut.
        recipe: what it is painted from, and how.
        out: folder of painted cels; None: beside the cut, its name with `_painted` added.
        storage: how painted cels are stored.
        jobs: how many cels are worked on at once.
        force: paint again what is painted.
        resume: go on where an earlier run stopped.
        report: also write report.html and report.json.
        planes: also write each cel's lines and colors apart, see `shiage.painting.planes`.
        names: what the cut's folders are called.
        presets: the file that some of this comes from.
        given: which fields of the recipe a project of the cut does not change; None: those that
            are not as they are by default.
    """

    folder: Path
    recipe: Recipe = Recipe()
    out: Path | None = None
    storage: Storage = Storage()
    jobs: int = 1
    force: bool = False
    resume: bool = False
    report: bool = False
    planes: bool = False
    names: FolderNames = DEFAULT_NAMES
    presets: Path | None = None
    given: frozenset[str] | None = None

    @property
    def out_folder(self) -> Path:
        """Where painted cels go."""
        return self.out or self.names.painted_folder(self.folder)


def take_up(job: CutJob) -> tuple[CutJob, Project | None]:
    """Return the job with what its project says, and the project; without one the job as it is.

    What the job does not give of its recipe is the project's.

    Raises:
        DamagedProject: the project's file cannot be read.
    """
    saved = read_project(job.out_folder)
    if saved is None:
        return job, None
    saved = saved.with_colors_used()  # before any color gets its id
    recipe = job.recipe.filled_from(saved.recipe, job.given)
    return msgspec.structs.replace(job, recipe=recipe), saved


def open_job(job: CutJob) -> Cut:
    """Return the cut of a job, made sure that its output does not lie among its drawings.

    Raises:
        UnreadableFile: there is no such folder.
        EmptyCut: it holds no drawing.
        BadOption: the output lies among the drawings.
    """
    out = job.out_folder
    sheets = (path for pair in job.recipe.sheets for path in pair)
    exclude = [*sheets, *job.recipe.hints]
    if Outputs(out).is_ours():
        exclude.append(out)
    cut = open_listed(job.folder, exclude, job.names, job.recipe.references)
    inside = [cel for cel in cut.cels if out.resolve() in cel.path.resolve().parents]
    if inside:
        raise BadOption(
            f"drawings lie in this folder, such as {inside[0].relative}",
            path=out,
            expected="another folder, since drawings are never overwritten",
            action="Give another one with --out",
        )
    return cut
