"""A model in torch as a matcher, to be measured before it is exported."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from shiage.matching import PairwiseMatcher
from shiage.matching.crops import make_tokens
from shiage.models.ant import Ant
from shiage.structures import Floats, LineArt, Segments


class AntMatcher(PairwiseMatcher[Tensor]):
    """The Animation Transformer with the weights of a checkpoint."""

    name = "ant"

    def __init__(self, model: Ant) -> None:
        self.model = model.eval()

    def encode(self, lineart: LineArt, segments: Segments) -> Tensor:
        """(N, D): features of the segments."""
        tokens = make_tokens(lineart, segments, self.model.config.crop_size)
        with torch.inference_mode():
            return self.model.encode_segments(
                torch.from_numpy(tokens.crops), torch.from_numpy(tokens.boxes)
            )

    def compare(self, reference: Tensor, target: Tensor) -> tuple[Floats, Floats]:
        """Return votes by similarity; see `PairwiseMatcher.compare`."""
        with torch.inference_mode():
            similarity = self.model.compare(reference[None], target[None])[0]
        votes: Floats = similarity.softmax(dim=1).numpy()
        return votes, np.zeros(len(target), np.float32)

    def count(self, target: Tensor) -> int:
        """Return the number of segments."""
        return len(target)
