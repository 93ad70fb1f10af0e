"""Which folders of an episode are cuts; empty files are enough."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from shiage.cuts.cut import FolderNames
from shiage.episode.cuts import open_episode, select
from shiage.errors import BadOption, EmptyCut
from tests.cuts.test_cut import lay_out


def find(root: Path, names: FolderNames | None = None) -> dict[str, int]:
    """Names and numbers of drawings of the cuts below a folder."""
    episode = open_episode(root, root.parent / "out", names or FolderNames())
    return {cut.name: cut.cels for cut in episode.cuts}


@pytest.mark.parametrize(
    ("files", "cuts"),
    [
        (["c1/A0001.png", "c1/A0002.png", "c2/A0001.tga"], {"c1": 2, "c2": 1}),
        (["walk/A0001.png", "run/A0001.png"], {"run": 1, "walk": 1}),
        (["c1/A/A0001.png", "c1/B/B0001.png", "c1/A.R1/A0001.png"], {"c1": 2}),
        (["c1/line/0001.png", "c1/color/0001.png"], {"c1": 1}),
        (["c1/A/A0001.png", "c1/ref/A/A0001.png"], {"c1": 1}),
        (["c1/A1/0001.png", "c1/ref/A1/0001.png"], {"c1": 1}),
        (["s1/c1/A0001.png", "s1/c2/A0001.png", "c3/0001.png"], {"c3": 1, "s1/c1": 1, "s1/c2": 1}),
        (["s1/c1/A/0001.png", "s1/c1/BG/BG.png"], {"s1/c1": 1}),
        (["s1/walk/line/0001.png", "s1/run/line/0001.png"], {"s1/run": 1, "s1/walk": 1}),
        (["part/s1/c1/A0001.png"], {"part/s1/c1": 1}),
        (["c1/A0001.png", "_old/A1.png", ".x/A1.png", "scan/A1.png", "ref/A1.png"], {"c1": 1}),
        (["c1/A0001.png", "c1_painted/A0001.png", "c1_painted/_shiage/run.json"], {"c1": 1}),
        (["s1/run/line/1.png", "s1/run_p/1.png", "s1/run_p/shiage.json"], {"s1/run": 1}),
        (["c1/A0001.png", "色見本/A_line.png", "model/A.png", "hints/A0001.png"], {"c1": 1}),
        (["c1/A0001.png", "c2/notes.txt"], {"c1": 1}),
        (["c1/ref/A0001.png"], {"c1": 0}),  # told when it is painted
    ],
)  # fmt: skip
def test_cuts_are_found(tmp_path: Path, files: list[str], cuts: dict[str, int]) -> None:
    assert find(lay_out(tmp_path / "ep", *files)) == cuts


def test_the_output_lies_within(tmp_path: Path) -> None:
    root = lay_out(tmp_path, "c1/A0001.png", "out/c1/A0001.png")
    assert [cut.name for cut in open_episode(root, root / "out", FolderNames()).cuts] == ["c1"]


def test_folders_without_a_drawing_are_told(tmp_path: Path) -> None:
    root = lay_out(tmp_path / "ep", "c1/A0001.png", "docs/a.pdf", "c2/sub/x.txt", "_mine/x.txt")
    assert open_episode(root, tmp_path, FolderNames()).without_drawings == ("c2", "docs")


def test_names_of_ones_own(tmp_path: Path) -> None:
    root = lay_out(tmp_path / "ep", "c1/清書/A1/0001.png", "c1/完成/A1/0001.png", "参考/c9/1.png")
    assert find(root) == {"c1/清書/A1": 1, "c1/完成/A1": 1, "参考/c9": 1}
    assert find(root, FolderNames(line=("清書",), color=("完成",), other=("参考",))) == {"c1": 1}


def test_links_that_lead_round(tmp_path: Path) -> None:
    root = lay_out(tmp_path / "ep", "s1/c1/A0001.png")
    (root / "s1" / "up").symlink_to(root)
    (root / "s2").symlink_to(root)
    assert find(root) == {"s1/c1": 1}


def test_only(tmp_path: Path) -> None:
    root = lay_out(tmp_path / "ep", "s1/c1/A1.png", "s1/c12/A1.png", "s2/c1/A1.png")
    episode = open_episode(root, tmp_path / "out", FolderNames())
    chosen = {
        pattern: [cut.name for cut in select(episode, [pattern])]
        for pattern in ("c1", "s1/*", "s1/c1", "c?2")
    }
    assert chosen == {
        "c1": ["s1/c1", "s2/c1"],
        "s1/*": ["s1/c1", "s1/c12"],
        "s1/c1": ["s1/c1"],
        "c?2": ["s1/c12"],
    }
    for pattern in ("c9", "", "s1"):
        with pytest.raises(BadOption, match=f"no cut is named {pattern}"):
            select(episode, [pattern])


def test_a_cut_is_no_episode(tmp_path: Path) -> None:
    with pytest.raises(EmptyCut, match="no cut found"):
        find(lay_out(tmp_path / "cut", "A0001.png", "ref/A0001.png"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_told_as_a_cut(tmp_path: Path) -> None:
    root = lay_out(tmp_path / "ep", "c1/A0001.png", "c2/A0001.png")
    (root / "c2").chmod(0)
    found = find(root)
    (root / "c2").chmod(0o755)
    assert found == {"c1": 1, "c2": 0}
