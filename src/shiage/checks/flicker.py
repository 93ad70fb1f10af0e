"""色パカ: a part that has another color for a few cels, and then its own again."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import numpy as np

from shiage.checks.findings import Finding
from shiage.checks.parts import APART, CelParts, match_parts
from shiage.checks.settings import CheckSettings
from shiage.colors.palette import Palette
from shiage.matching import Matcher, color_shares
from shiage.painting.propagate import known_for_certain, match_cels
from shiage.structures import UNKNOWN, Ints


class FlickerWatch:
    """Follows the parts of a column from cel to cel; holds no more cels than a flicker may last.

    Args:
        matcher: tells which part is which.
        settings: how long a flicker may last, and how sure a match must be.
    """

    def __init__(self, matcher: Matcher, settings: CheckSettings) -> None:
        self._matcher = matcher
        self._settings = settings
        self._cels: deque[CelParts] = deque(maxlen=settings.longest_flicker + 2)
        self._links: deque[Ints] = deque(maxlen=settings.longest_flicker + 1)

    def skip(self) -> None:
        """Forget all cels: what comes next is no continuation."""
        self._cels.clear()
        self._links.clear()

    def add(self, cel: CelParts, palette: Palette) -> Iterator[Finding]:
        """Yield the flickers that end with this cel, the next one of its column.

        Args:
            cel: its parts.
            palette: what their color ids stand for.
        """
        if self._cels:
            self._links.append(self._match(self._cels[-1], cel))
        self._cels.append(cel)
        direct: dict[int, Ints] = {}
        for part in range(len(cel)):
            path = self._trace_back(part)
            if not path:
                continue
            start = path[-1][0]
            # Both ends must be the same part when looked at without the cels between them.
            if start not in direct:
                direct[start] = self._match(self._cels[start], cel)
            if direct[start][part] == path[-1][1]:
                path = path if self._is_sure(part, path) else []
                yield from self._tell(part, path, palette)

    def _match(self, before: CelParts, after: CelParts) -> Ints:
        return match_parts(self._matcher, before, after, self._settings.match_score)

    def _trace_back(self, part: int) -> list[tuple[int, int]]:
        """Return (place of cel, part) from the last cel's part back to where its color was before.

        Empty if the color did not change, or was never the same within the cels that are held.
        """
        color = int(self._cels[-1].color_ids[part])
        path: list[tuple[int, int]] = []
        if color == UNKNOWN:
            return path
        for at in range(len(self._cels) - 2, -1, -1):
            part = int(self._links[at - len(self._cels) + 1][part])
            if part == APART or self._cels[at].color_ids[part] == UNKNOWN:
                return []
            path.append((at, part))
            if self._cels[at].color_ids[part] == color:
                return path if len(path) > 1 else []
        return []

    def _is_sure(self, part: int, path: list[tuple[int, int]]) -> bool:
        """Whether the cels at both ends say in each cel between that the part has their color.

        What gives a wrong match away is that the part also looks like something that does have the
        color it has in the cel between.
        """
        ends = (self._cels[path[-1][0]], self._cels[-1])
        known = [known_for_certain(cel.encoded, cel.color_ids) for cel in ends]
        ids = np.concatenate([cel.color_ids for cel in ends])
        own = int(self._cels[-1].color_ids[part])
        for at, other in path[:-1]:
            scores = match_cels(self._matcher, known, self._cels[at].encoded).scores
            share = color_shares(scores, ids)[other]
            odd = int(self._cels[at].color_ids[other])
            rival = share[odd] if odd < len(share) else 0.0
            if share[own] < self._settings.match_score or rival > self._settings.rival:
                return False
        return True

    def _tell(self, part: int, path: list[tuple[int, int]], palette: Palette) -> Iterator[Finding]:
        """Yield one finding for each cel in which the part has another color."""
        if not path:
            return
        colors = palette.to_hex()
        own = colors[int(self._cels[-1].color_ids[part])]
        ends = (self._cels[path[-1][0]].name, self._cels[-1].name)
        for at, other in reversed(path[:-1]):
            cel = self._cels[at]
            x, y = (int(v) for v in cel.inner_xy[other])
            now = colors[int(cel.color_ids[other])]
            x0, y0, x1, y1 = (int(v) for v in cel.box_xyxy[other])
            shown = "unpainted" if now == "none" else now
            yield Finding(
                "flicker",
                cel.name,
                f"the part at ({x}, {y}) is {shown} here, but {own} in {ends[0]} and {ends[1]}",
                "fault",
                (x0, y0, x1, y1),
                (x, y),
                int(cel.area[other]),
                (now, own),
                ends,
            )
