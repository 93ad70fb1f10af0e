"""The sizes and switches of the model `ant`."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from shiage.errors import BadOption


@dataclass(frozen=True)
class AntConfig:
    """How large an `Ant` is and what it is made of. The defaults are the compact size.

    Attributes:
        dim: D, width of a segment's feature.
        heads: attention heads; divides `dim`.
        pairs: how many times self-attention and then cross-attention follow each other.
        crop_size: S, cells along a side of a crop.
        stem: side of the patches that the first convolution cuts a crop into.
        widths: channels after the stem, and after each halving that follows it.
        convs: convolutions at each of these resolutions.
        box_widths: hidden widths of the boxes' MLP.
        box_waves: the MLP also gets sines and cosines of the box's center, of so many wave
            lengths, from twice the drawing's longer side downwards, each half the one before; 0
            gives it plain numbers, as the paper.
        use_box: tell where segments lie and how large they are.
        use_mask: tell which part of the crop is the segment.
        use_color: show colour traces in their colors; without, all lines are one channel.
        use_context: show a wider window around each segment, too; the paper has none.
        use_transformer: let segments see each other; without, features are matched as encoded.
        use_cross: let segments see those of the other drawing.
        sinkhorn: rounds of optimal transport with a dustbin, as SuperGlue has it, before the
            softmax; 0 = none, as the paper.
    """

    dim: int = 128
    heads: int = 4
    pairs: int = 6
    crop_size: int = 32
    stem: int = 4
    widths: tuple[int, ...] = (64, 128)
    convs: int = 1
    box_widths: tuple[int, ...] = (64, 128)
    box_waves: int = 6
    use_box: bool = True
    use_mask: bool = True
    use_color: bool = True
    use_context: bool = True
    use_transformer: bool = True
    use_cross: bool = True
    sinkhorn: int = 0

    def __post_init__(self) -> None:
        for name in ("widths", "box_widths"):  # TOML and JSON have lists
            object.__setattr__(self, name, tuple(getattr(self, name)))
        sizes = {f.name: getattr(self, f.name) for f in fields(self) if f.type == "int"}
        sizes |= {f"widths[{i}]": w for i, w in enumerate(self.widths)}
        sizes |= {f"box_widths[{i}]": w for i, w in enumerate(self.box_widths)}
        for name, value in sizes.items():
            least = 0 if name in ("box_waves", "sinkhorn") else 1
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                raise BadOption(f"{name} is {value!r}", expected=f"a whole number, {least} or more")
        if self.dim % self.heads:
            raise BadOption(f"dim {self.dim} does not divide into {self.heads} heads")
        if not self.widths:
            raise BadOption("widths is empty", expected="a number of channels for the stem")
        if self.crop_size % (self.stem * 2 ** (len(self.widths) - 1)):
            halvings = len(self.widths) - 1
            raise BadOption(
                f"crop_size {self.crop_size} cannot be cut into patches of {self.stem} and "
                f"halved {halvings} times",
                expected="fewer widths, or a smaller stem",
            )

    @classmethod
    def compact(cls) -> AntConfig:
        """Return the size that trains in hours on two CPU cores: about 2.4 M parameters."""
        return cls()

    @classmethod
    def full(cls) -> AntConfig:
        """Return the paper's size, as far as it is known: D = 256 and crops of 32 x 32.

        The number of layers and heads is in no text of the paper we could read; they are those of
        SuperGlue (arXiv 1911.11763), on which the paper builds: 9 pairs, 4 heads.
        """
        return cls(
            dim=256,
            heads=4,
            pairs=9,
            stem=2,
            widths=(64, 128, 256),
            convs=2,
            box_widths=(32, 64, 128, 256),
            box_waves=0,
            use_color=False,
            use_context=False,
        )

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> AntConfig:
        """Return the configuration told, as read from TOML or JSON; what is left out has defaults.

        Raises:
            BadOption: a key is unknown, or a value is of the wrong type or contradicts another.
        """
        kinds = {f.name: type(f.default) for f in fields(cls)}
        for key, value in values.items():
            if key not in kinds:
                near = difflib.get_close_matches(key, kinds, n=1, cutoff=0.0)[0]
                raise BadOption(f"unknown key {key!r} of the model", action=f"Did you mean {near}?")
            allowed = (list, tuple) if kinds[key] is tuple else (kinds[key],)
            if type(value) not in allowed:
                raise BadOption(f"{key} is {value!r}", expected=f"a {allowed[0].__name__}")
        return cls(**values)
