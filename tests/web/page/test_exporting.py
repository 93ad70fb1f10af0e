"""The export dialog: what it writes, and that it asks before it overwrites."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.integration.conftest import HAT, hash_cels, load, shiage
from tests.web.page.conftest import Tab
from tests.web.page.figure import BODY_XY, walked


def export(tab: Tab, format: str = "cels", *ticks: str, layers: str = "together") -> Path:  # noqa: A002
    """Export through the dialog; return the folder it tells of."""
    tab.get("export").click()
    tab.choose("export-format", format)
    tab.choose("export-layers", layers)
    for name in ticks:
        tab.get(name).check()
    tab.get("export-start").click()
    overwrite = tab.get("export-overwrite")
    expect(overwrite.or_(tab.get("export-outcome").locator("code"))).to_be_visible(timeout=30000)
    if overwrite.is_visible():
        overwrite.click()
    folder = Path(tab.get("export-outcome").locator("code").inner_text(timeout=30000))
    tab.get("export-close").click()
    expect(tab.get("export-dialog")).to_have_count(0)
    return folder


def test_cels_are_what_shiage_paint_writes(fresh_tab: Tab, cut: Path, tmp_path: Path) -> None:
    tab = fresh_tab
    tab.go_to(1)
    tab.press("1")
    tab.click(walked(BODY_XY, 1))
    tab.settle()
    folder = export(tab)
    assert folder == tmp_path / "out"
    exported = hash_cels(folder)
    assert {name for name in exported if name.endswith(".png")} == {
        f"A000{n}.png" for n in (1, 2, 3, 4)
    }
    assert (load(folder / "A0002.png")[60, 75] == (*HAT, 255)).all()
    shiage("paint", cut, "-r", tmp_path / "key", "-o", folder, "--force", cwd=tmp_path).ok()
    assert hash_cels(folder) == exported


def test_overwriting_is_asked_for(fresh_tab: Tab, tmp_path: Path) -> None:
    tab = fresh_tab
    export(tab)
    before = hash_cels(tmp_path / "out")
    tab.go_to(1)
    tab.press("1")
    tab.click(walked(BODY_XY, 1))
    tab.settle()
    tab.expected.append("409")
    tab.press("Control+e")
    tab.get("export-start").click()
    expect(tab.get("export-overwrite")).to_be_visible()
    expect(tab.get("export-outcome")).to_contain_text("A0001.png")
    same = ("A0001.png", "A0002.png", "A0003.png", "A0004.png")
    assert [hash_cels(tmp_path / "out")[name] for name in same] == [before[name] for name in same]
    tab.get("export-overwrite").click()
    expect(tab.get("export-outcome")).to_contain_text("Files written: 4", timeout=30000)
    assert hash_cels(tmp_path / "out")["A0002.png"] != before["A0002.png"]


def test_only_changed_cels(fresh_tab: Tab, tmp_path: Path) -> None:
    tab = fresh_tab
    export(tab)
    times = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*.png")}
    tab.go_to(3)
    tab.press("1")
    tab.click(walked(BODY_XY, 3))
    tab.settle()
    changed = {
        cel["name"] + ".png"
        for cel in tab.ui.project()["cels"]
        if hash_pixels(tab, cel["index"])
        != load(tmp_path / "out" / (cel["name"] + ".png")).tobytes()
    }
    tab.expected.append("409")
    export(tab, "cels", "export-changed")
    after = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*.png")}
    assert {name for name in times if times[name] != after[name]} == changed
    assert "A0004.png" in changed
    assert "A0001.png" not in changed


def hash_pixels(tab: Tab, cel: int) -> bytes:
    """The pixels of a cel as they are shown, opaque."""
    rgb = tab.ui.picture(cel, "painted.png")
    if rgb.shape[2] == 4:
        return rgb.tobytes()
    return np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)]).tobytes()


@pytest.mark.parametrize(
    ("format", "files"),
    [("psd", "*.psd"), ("svg", "*.svg"), ("gif", "*.gif"), ("mp4", "*.mp4")],
)
def test_other_formats(tab: Tab, format: str, files: str) -> None:  # noqa: A002
    folder = export(tab, format)
    written = sorted(folder.rglob(files))
    assert len(written) == (4 if format in ("psd", "svg") else 1)
    assert all(path.stat().st_size > 500 for path in written)
    begins = {"psd": b"8BPS", "svg": b"<", "gif": b"GIF8", "mp4": b"\0\0\0"}[format]
    assert all(path.read_bytes().startswith(begins) for path in written)


def test_lines_and_colors_in_separate_files(tab: Tab) -> None:
    folder = export(tab, "cels", layers="separate")
    for layer in ("_lines", "_colors"):
        assert sorted(p.name for p in (folder.parent / "out" / layer).glob("*.png")) == [
            f"A000{n}.png" for n in (1, 2, 3, 4)
        ]


def test_previews_have_no_changed_cels(tab: Tab) -> None:
    tab.press("Control+e")
    expect(tab.get("export-changed")).to_be_enabled()
    tab.choose("export-format", "mp4")
    expect(tab.get("export-changed")).to_be_disabled()
    tab.choose("export-format", "svg")
    expect(tab.get("export-changed")).to_be_enabled()


def test_what_was_chosen_is_remembered(tab: Tab) -> None:
    tab.press("Control+e")
    tab.choose("export-format", "gif")
    tab.get("export-line-edits").check()
    tab.get("export-close").click()
    tab.page.reload()
    tab.until_ready()
    tab.press("Control+e")
    expect(tab.get("export-format")).to_have_value("gif")
    expect(tab.get("export-line-edits")).to_be_checked()
