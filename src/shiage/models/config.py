"""The sizes and switches of the model `ant`."""

from __future__ import annotations

from typing import Annotated

import msgspec

Whole = Annotated[int, msgspec.Meta(ge=1)]
WholeOrNone = Annotated[int, msgspec.Meta(ge=0)]


class AntConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
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
        box_waves: the MLP also gets sines and cosines of the box's center, of this many wave
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

    Raises:
        ValueError: two settings contradict each other.
    """

    dim: Whole = 128
    heads: Whole = 4
    pairs: Whole = 6
    crop_size: Whole = 32
    stem: Whole = 4
    widths: Annotated[tuple[Whole, ...], msgspec.Meta(min_length=1)] = (64, 128)
    convs: Whole = 1
    box_widths: tuple[Whole, ...] = (64, 128)
    box_waves: WholeOrNone = 6
    use_box: bool = True
    use_mask: bool = True
    use_color: bool = True
    use_context: bool = True
    use_transformer: bool = True
    use_cross: bool = True
    sinkhorn: WholeOrNone = 0

    def __post_init__(self) -> None:
        if self.dim % self.heads:
            raise ValueError(f"dim {self.dim} cannot be divided into {self.heads} heads")
        halvings = len(self.widths) - 1
        if self.crop_size % (self.stem * 2**halvings):
            raise ValueError(
                f"crop_size {self.crop_size} cannot be cut into patches of {self.stem} and "
                f"halved {halvings} times; expected fewer widths, or a smaller stem"
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
