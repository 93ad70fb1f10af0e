"""What a cut is painted from, and how: one value that jobs hold and projects keep."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

import msgspec

from shiage.matching import DEFAULT_MATCHER
from shiage.painting.painted_cel import PaintSettings


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a cut is painted from, and how.

    Attributes:
        references: painted cels, or folders of them; empty: those found beside the drawings.
        sheets: model sheets as (drawing, painting); they serve every cel.
        palettes: palette files whose colors references are to keep to.
        hints: files of hints, or folders of them; empty: those found beside the drawings.
        matcher: name of the matcher.
        settings: how cels are painted.
    """

    references: tuple[Path, ...] = ()
    sheets: tuple[tuple[Path, Path], ...] = ()
    palettes: tuple[Path, ...] = ()
    hints: tuple[Path, ...] = ()
    matcher: str = DEFAULT_MATCHER
    settings: PaintSettings = PaintSettings()

    def filled_from(self, other: Recipe, given: Collection[str] | None) -> Recipe:
        """Return the recipe with what is not given here as another one has it, if that has it.

        Args:
            other: the other recipe.
            given: names of fields given here; None: those that are not as they are by default.
        """
        if given is None:
            plain = Recipe()
            given = {name for name in RECIPE if getattr(self, name) != getattr(plain, name)}
        others = {name: getattr(other, name) for name in RECIPE if name not in given}
        return msgspec.structs.replace(self, **{name: v for name, v in others.items() if v})

    def with_paths(self, change: Callable[[Path], Path]) -> Recipe:
        """Return the recipe with all of its paths changed."""
        return msgspec.structs.replace(
            self,
            references=tuple(map(change, self.references)),
            sheets=tuple((change(drawing), change(painting)) for drawing, painting in self.sheets),
            palettes=tuple(map(change, self.palettes)),
            hints=tuple(map(change, self.hints)),
        )


RECIPE = Recipe.__struct_fields__
"""Names of the fields of a recipe."""
