"""The first pass: clips painted as protocols ask, and what was painted kept on disk.

```
OUT/predictions/MATCHER/PROTOCOL/SUITE/CLIP-HASH.npz     the hash is of the clip's clip.json
    frames       (F,) names of the frames painted
    references   (F,) names of the frames each was painted from, with "," between
    counts       (F,) segments of each
    colors       all segments in a row: 0xRRGGBB, -1 where nothing was said
    confidence   the same
    areas        the same, pixels
```
"""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from shiage.bench.protocols import Protocol
from shiage.colors.palette import PAPER
from shiage.data.dataset import WHITE, ClipInfo, find_background, pack_rgb, read_clip
from shiage.files.atomic import write_atomically
from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import describe_segments
from shiage.matching import Matcher
from shiage.painting.propagate import encode_cel
from shiage.painting.serving import Column, Kind, drive, serve
from shiage.structures import UNKNOWN, Floats, Ints, LineArt, Painting, Segments


@dataclass(frozen=True, eq=False)
class Prediction:
    """A painted frame.

    Attributes:
        frame: its name.
        references: names of the frames that were given for it.
        colors: (N,) int32, 0xRRGGBB; `UNKNOWN` where nothing was said.
        confidence: (N,) float32.
        areas: (N,) int32, pixels.
    """

    frame: str
    references: tuple[str, ...]
    colors: Ints
    confidence: Floats
    areas: Ints


@dataclass(frozen=True, eq=False)
class DrawnClip:
    """A clip ready to be painted: its frames' names, lines, segments and colors.

    Attributes:
        names: of the F frames.
        lineart: of each.
        segments: of each.
        palette: (K,) int32, all its colors, 0xRRGGBB; the first is that of bare paper.
        color_ids: of each frame (N,) int32, places in the palette; `PAPER` is the background.
    """

    names: tuple[str, ...]
    lineart: tuple[LineArt, ...]
    segments: tuple[Segments, ...]
    palette: Ints
    color_ids: tuple[Ints, ...]

    @staticmethod
    def read(folder: Path) -> DrawnClip:
        """Return a clip.

        Raises:
            DatasetError: it is damaged.
            FileError: a picture could not be read.
        """
        frames = read_clip(folder).frames
        colors = [pack_rgb(frame.colors) for frame in frames]
        paper = [find_background(frame.regions, frame.colors) for frame in frames]
        seen = list(zip(colors, paper, strict=True))
        paints = np.unique(np.concatenate([its[~bare] for its, bare in seen]))
        papers = np.concatenate([its[bare] for its, bare in seen])
        palette = np.concatenate([papers[:1] if len(papers) else [WHITE], paints])
        return DrawnClip(
            tuple(frame.name for frame in frames),
            tuple(extract_lineart(frame.line) for frame in frames),
            tuple(describe_segments(frame.labels) for frame in frames),
            palette.astype(np.int32),
            tuple(
                np.where(bare, PAPER, 1 + np.searchsorted(paints, its)).astype(np.int32)
                for its, bare in seen
            ),
        )

    def __len__(self) -> int:
        """Return the number of frames, F."""
        return len(self.names)


class PaintedClip:
    """A clip and one matcher: any frame painted from any others.

    Args:
        clip: what is painted.
        matcher: what paints it.
    """

    def __init__(self, clip: DrawnClip, matcher: Matcher) -> None:
        self.clip = clip
        self.matcher = matcher
        self.encoded = [
            encode_cel(matcher, lineart, segments)
            for lineart, segments in zip(clip.lineart, clip.segments, strict=True)
        ]

    def paint(self, protocol: Protocol) -> list[Prediction]:
        """Return the frames that a protocol asks for."""
        clip = Column(self.encoded, self.clip.color_ids)
        painted: dict[int, Painting] = {}
        predictions = []
        for step in protocol.plan(len(self.clip)):
            flow = serve(self.matcher, step, self.encoded[step.cel])
            painted[step.cel] = drive(flow, lambda of: clip.known(of, painted)).painting
            predictions.append(self._tell(step.cel, step.places(Kind.KEY), painted[step.cel]))
        return predictions

    def _tell(self, frame: int, keys: tuple[int, ...], painting: Painting) -> Prediction:
        """Return what is kept of a painting."""
        ids = painting.color_ids
        colors = np.where(ids == UNKNOWN, UNKNOWN, self.clip.palette[np.maximum(ids, 0)])
        return Prediction(
            self.clip.names[frame],
            tuple(self.clip.names[key] for key in keys),
            colors.astype(np.int32),
            painting.confidence,
            self.clip.segments[frame].area,
        )


def predictions_path(out: Path, matcher: str, protocol: str, suite: str, clip: ClipInfo) -> Path:
    """Return where predictions are kept."""
    # What was painted of a clip that was then made again is not taken for it.
    truth = hashlib.sha256((clip.folder / "clip.json").read_bytes()).hexdigest()
    name = f"{clip.folder.name}-{truth[:8]}.npz"
    return out / "predictions" / matcher / protocol / suite / name


def write_predictions(path: Path, predictions: Sequence[Prediction]) -> None:
    """Write what was painted of a clip.

    Raises:
        WriteFailed: the disk is full or the like.
    """
    packed = io.BytesIO()
    np.savez_compressed(
        packed,
        frames=np.array([p.frame for p in predictions], np.str_),
        references=np.array([",".join(p.references) for p in predictions], np.str_),
        counts=np.array([len(p.colors) for p in predictions], np.int32),
        colors=np.concatenate([np.zeros(0, np.int32), *(p.colors for p in predictions)]),
        confidence=np.concatenate([np.zeros(0, np.float32), *(p.confidence for p in predictions)]),
        areas=np.concatenate([np.zeros(0, np.int32), *(p.areas for p in predictions)]),
    )
    write_atomically(path, packed.getvalue())


def read_predictions(path: Path) -> list[Prediction] | None:
    """Return what was painted of a clip; None if there is nothing, or nothing of use.

    Args:
        path: see `predictions_path`.
    """
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as kept:
            return list(_unpack({name: kept[name] for name in kept.files}))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        return None


def _unpack(kept: dict[str, Any]) -> Iterator[Prediction]:
    """Yield the frames of one file."""
    ends = np.cumsum(kept["counts"])
    for frame, references, end, count in zip(
        kept["frames"], kept["references"], ends, kept["counts"], strict=True
    ):
        rows = slice(end - count, end)
        yield Prediction(
            str(frame),
            tuple(filter(None, str(references).split(","))),
            kept["colors"][rows],
            kept["confidence"][rows],
            kept["areas"][rows],
        )
