"""The files of painted cels and their records: painted, passed on as given, or as others are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from shiage.colors.palette import PAPER, Palette
from shiage.cuts.cut import Cel
from shiage.cuts.fills import describe_fills, recall_fills, save_fills
from shiage.cuts.job import CutJob
from shiage.cuts.journal import describe_cel
from shiage.cuts.outputs import Outputs
from shiage.cuts.records import CelRecord
from shiage.cuts.report import make_previews, save_previews
from shiage.cuts.sources import Sources
from shiage.errors import ShiageError
from shiage.files.atomic import write_atomically
from shiage.files.images import Picture, write_picture
from shiage.painting.compose import fill_segments, fill_under_lines
from shiage.painting.covering import Covering
from shiage.painting.painted_cel import PaintedCel
from shiage.painting.planes import split_planes
from shiage.painting.reference import Reference
from shiage.structures import Floats, Ints, LabelMap


class CelFiles:
    """Writes the cels of one run: picture, planes and previews if they are wanted, then the record.

    Nothing is written of a cel whose drawing was saved again since the run began: what is known of
    it is of the old one.

    Args:
        job: says what is wanted, and how it is stored.
        outputs: where it goes.
        sources: the references.
    """

    def __init__(self, job: CutJob, outputs: Outputs, sources: Sources) -> None:
        self._job = job
        self._outputs = outputs
        self._sources = sources

    def write(self, cel: Cel, painted: PaintedCel, references: Sequence[str]) -> CelRecord:
        """Write a painted cel, what the report wants of it, and its record."""
        drawing, picture = painted.drawing, painted.picture
        path = self._outputs.path(cel)
        data = painted.encode(path, self._job.storage)
        digest = self._require_same(cel)
        write_atomically(path, data)
        entries = painted.entries()
        self._save_fills(path, picture, *entries)
        if self._job.planes:
            self._write_planes(cel, painted.planes, drawing.segments.labels, *entries)
        self._preview(cel, drawing.picture, picture, drawing.segments.labels, painted.confidence)
        record = describe_cel(cel, digest, painted, references)
        self._outputs.save_record(cel, record)
        return record

    def pass_on(self, cel: Cel) -> CelRecord:
        """Write a keyed cel's painting to the output as the artist made it."""
        file = self._sources.workshop.open(cel.path)
        drawing = self._sources.workshop.read_drawing(file)
        given = self._sources.read_given(cel, file, drawing)
        picture = given.picture
        path, reference = self._outputs.path(cel), self._sources.keys[cel]
        data = self._sources.encode_given(cel, path, given, file, drawing, self._job.storage)
        digest = self._require_same(cel)
        write_atomically(path, data)
        entries = self._sources.entries_given(cel, picture)
        self._save_fills(path, picture, *entries)
        shown = reference.shown
        if self._job.planes:
            planes = self._split_given(drawing, picture, shown)
            self._write_planes(cel, planes, shown.segments.labels, *entries)
        sure = np.ones(len(shown.segments), np.float32)
        self._preview(cel, drawing, picture, shown.segments.labels, sure)
        record = CelRecord(
            cel.name,
            cel.column,
            cel.number,
            "reference",
            digest,
            picture.size_hw[::-1],
            message=f"passed on as given{given.changes}: {reference.file}",
        )
        self._outputs.save_record(cel, record)
        return record

    def repeat(self, cel: Cel, original: Cel, record: CelRecord) -> CelRecord:
        """Give a cel the painting of another one with the same drawing, and return its record.

        Args:
            cel: the cel.
            original: the other one.
            record: what became of that.

        Raises:
            ShiageError: it could not be painted, or its drawing is no longer that of the other.
        """
        if record.status == "failed":
            raise ShiageError(f"same drawing as {original.name}: {record.message}", path=cel.path)
        self._require_same(cel)
        pairs = zip(self._outputs.files(cel), self._outputs.files(original), strict=True)
        for path, source in pairs:
            write_atomically(path, source.read_bytes())
            if fills := recall_fills(source):
                save_fills(self._outputs.folder, path, fills)
        same = msgspec.structs.replace(
            record,
            name=cel.name,
            column=cel.column,
            number=cel.number,
            status="same",
            message=f"same drawing as {original.name}",
            segments=(),
            undecided=0,
            stand_ins={},
        )
        self._outputs.save_record(cel, same)
        return same

    def _require_same(self, cel: Cel) -> str:
        """Return the SHA-256 of a cel's drawing, made sure that it is that of the run's beginning.

        Raises:
            FileChanged: it is not.
        """
        versions = self._sources.versions
        digest = versions.note(cel.path).sha256
        versions.require(cel.path, digest)
        return digest

    def _write_planes(
        self,
        cel: Cel,
        planes: tuple[Picture, Picture],
        labels: LabelMap,
        paint: Ints,
        palette: Palette,
    ) -> None:
        """Write the line plane and the color plane of a cel with these labels and this paint."""
        for path, plane in zip(self._outputs.planes(cel), planes, strict=True):
            file_format = self._job.storage.plane_format(plane.layout.format)
            write_picture(path, plane.stored_as(file_format))
        under = fill_under_lines(paint, (labels == 0) & (paint == PAPER))
        self._save_fills(self._outputs.planes(cel)[1], planes[1], under, palette)

    def _save_fills(self, path: Path, picture: Picture, paint: Ints, palette: Palette) -> None:
        """Write down which colors of the palette a file is painted in."""
        fills = describe_fills(path, picture.pixels, paint, palette)
        save_fills(self._outputs.folder, path, fills)

    def _split_given(
        self, drawing: Picture, painting: Picture, reference: Reference
    ) -> tuple[Picture, Picture]:
        """Return the line plane and the color plane of a painting as the artist made it."""
        lineart = reference.lines_left(self._job.recipe.settings.traces)
        palette = self._sources.workshop.palette
        fill = fill_segments(lineart, reference.segments.labels, reference.color_ids, palette)
        covering = Covering(drawing.pixels, lineart)
        return split_planes(covering, drawing.layout, painting, fill, palette)

    def _preview(
        self,
        cel: Cel,
        drawing: Picture,
        painted: Picture,
        labels: LabelMap,
        confidence: Floats,
    ) -> None:
        """Keep small pictures of a cel for the report, if one is wanted."""
        if self._job.report:
            previews = make_previews(drawing.rgba_u8, painted.rgba_u8, labels, confidence)
            save_previews(previews, self._outputs.previews, cel.name)
