"""Names that say of a color that it is a stand-in (仮色), and names that only look like it."""

from __future__ import annotations

import numpy as np
import pytest

from shiage.colors.palette import Palette
from shiage.colors.stand_ins import is_stand_in

SPACED = ["仮 スカート", "髪 影 仮2", "Temp 2", "Stand In", "STAND_IN skirt", "skirt (tmp)"]
YES = """
仮色 スカート仮色 仮 仮スカート 仮_肌 仮1 スカート仮 スカート（仮） 仮塗り 未決 肌_未決 未決定
temp skirt_TMP tmp01 stand-in standin placeholder ＴＥＭＰ temporary
"""
NO = """
仮面 仮面_影 仮面ライダー 仮装の帽子 仮髪 平仮名 虚仮 ノーマル 決定
temple template contempt attempt tempo outstanding stand skin
"""


@pytest.mark.parametrize("name", [*YES.split(), *SPACED])
def test_stand_ins(name: str) -> None:
    assert is_stand_in(name)


@pytest.mark.parametrize("name", ["", *NO.split()])
def test_colors_that_are_meant(name: str) -> None:
    assert not is_stand_in(name)


def test_a_group_of_stand_ins_makes_its_colors_such() -> None:
    rows = np.array([[0, 0, 0, 0], [1, 2, 3, 65535], [4, 5, 6, 65535]], np.uint16)
    palette = Palette(rows, ("paper", "影", "影"), ("", "仮色", "髪"))
    assert palette.stand_ins.tolist() == [False, True, False]
    assert palette.titles == ("paper", "仮色 影", "髪 影")
