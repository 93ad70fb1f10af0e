"""The report finds what is doubtful, and survives whatever file names and disks come up with."""

from __future__ import annotations

import io
import json
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from shiage.cuts.records import CelRecord, CutRecord, SegmentRecord
from shiage.cuts.report import (
    HEAT,
    LONGEST_SIDE,
    Previews,
    load_previews,
    make_previews,
    save_previews,
    write_report,
)

EVIL = "A/変な <b>名前</b> & \"q\" 'x' </script><!--"
VOID = {"meta", "img", "input", "br", "link"}


def halves(height: int = 60, width: int = 90, alpha: int = 255) -> Previews:
    """Previews of a doubtful left and a sure right half, a line between them, the left painted."""
    labels = np.ones((height, width), np.int32)
    labels[:, width // 2 :] = 2
    labels[:, width // 2 - 4 : width // 2 + 4] = 0
    drawing = np.full((height, width, 4), 255, np.uint8)
    drawing[labels == 0, :3] = 0
    painted = drawing.copy()
    painted[labels == 1] = 200, 30, 40, 255
    painted[labels == 2] = 0, 0, 0, alpha
    return make_previews(drawing, painted, labels, np.array([0, 1], np.float32))


def pixels(webp: bytes) -> NDArray[np.int64]:
    return np.array(Image.open(io.BytesIO(webp)).convert("RGB"), np.int64)


def test_previews_show_line_paint_and_confidence() -> None:
    previews = halves()
    line, painted, heat = map(pixels, (previews.line, previews.painted, previews.confidence))
    assert previews.scale == 1
    assert line.shape == painted.shape == heat.shape == (60, 90, 3)
    for picture, x, rgb in (
        (line, 20, (255, 255, 255)),
        (line, 45, (0, 0, 0)),
        (painted, 20, (200, 30, 40)),
        (heat, 20, HEAT[0][1]),
        (heat, 45, (36, 36, 36)),
        (heat, 70, HEAT[-1][1]),
    ):
        assert np.abs(picture[30, x] - rgb).max() <= 14


@pytest.mark.parametrize(
    ("height", "width", "size"),
    [(1500, 1500, (512, 512)), (1081, 1921, (288, 512)), (2, 3000, (1, 512)), (1, 1, (1, 1))],
)
def test_previews_fit_their_frame(height: int, width: int, size: tuple[int, int]) -> None:
    previews = halves(height, width)
    assert previews.scale == min(1, LONGEST_SIDE / max(height, width))
    for webp in (previews.line, previews.painted, previews.confidence):
        assert pixels(webp).shape[:2] == size


def test_shrunk_previews_are_not_shifted() -> None:
    heat = pixels(halves(800, 1600).confidence)
    assert np.abs(heat[128, :250] - HEAT[0][1]).max() <= 14
    assert np.abs(heat[128, 262:] - HEAT[-1][1]).max() <= 14


def test_transparent_pixels_are_shown_light() -> None:
    painted = pixels(halves(alpha=0).painted)
    assert painted[:, 60:].min() > 200
    assert np.abs(painted[30, 20] - (200, 30, 40)).max() <= 14


def test_heat_map_rises_in_lightness() -> None:
    lightness = [np.dot(rgb, (0.2126, 0.7152, 0.0722)) for _, rgb in HEAT]
    assert lightness == sorted(lightness)


def test_previews_of_unknown_confidence_look_doubtful() -> None:
    labels = np.ones((40, 40), np.int32)
    white = np.full((40, 40, 4), 255, np.uint8)
    heat = pixels(make_previews(white, white, labels, np.array([np.nan], np.float32)).confidence)
    assert np.abs(heat[20, 20] - HEAT[0][1]).max() <= 14


def test_previews_are_deterministic() -> None:
    assert halves(700, 900) == halves(700, 900)


def test_saved_previews_come_back(tmp_path: Path) -> None:
    previews = halves(700, 900)
    save_previews(previews, tmp_path, "A/A0001.v2")
    save_previews(halves(), tmp_path, "A/A0001")
    assert load_previews(tmp_path, "A/A0001.v2") == previews
    assert load_previews(tmp_path, "A/A0002") is None


@pytest.mark.parametrize("name", ["line.webp", "painted.webp", "confidence.webp", "json"])
@pytest.mark.parametrize("damage", ["cut", "gone", "folder", "changed"])
def test_damaged_previews_are_none(tmp_path: Path, name: str, damage: str) -> None:
    save_previews(halves(), tmp_path, "A0001")
    path = tmp_path / f"A0001.{name}"
    data = path.read_bytes()
    path.unlink()
    if damage == "cut":
        path.write_bytes(data[:-9])
    elif damage == "folder":
        path.mkdir()
    elif damage == "changed":
        path.write_bytes(data[:5] + b"#" + data[6:] if name != "json" else b"[1]")
    assert load_previews(tmp_path, "A0001") is None


def small_cut(name: str = EVIL) -> CutRecord:
    segments = (
        SegmentRecord(1, (0, 0, 41, 60), 2460, "#c81e28", 0.2, ("none", "#101010")),
        SegmentRecord(2, (49, 0, 90, 60), 2460, None, float("nan")),
        SegmentRecord(3, (49, 0, 90, 60), 5, "#101010", 1.0, locked=True),
    )
    return CutRecord(
        cut=f"/cuts/{name}",
        out="/cuts/out <&>",
        matcher="shape",
        palette=(("paper", "none"), ("red <&\"'>", "#c81e28"), ("ink", "#101010")),
        cels=(
            CelRecord("A/A0001", "A", 1, "reference", segments=segments),
            CelRecord(name, "A", 2, "painted", references=("A/A0001",), gaps=1, segments=segments),
            CelRecord("A/A0003<", "A", 3, "failed", message="cut off <here> & there"),
        ),
        warnings=('A/A0001: "odd" <ink>',),
    )


class Outline(HTMLParser):
    """What a page is made of; fails on elements that do not nest."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, str] = {}
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        at = self.open[-1] if self.open else ""
        key = str(self.tags[-1][1].get("id", at)) if at == "script" else at
        self.text[key] = self.text.get(key, "") + data


def written(record: CutRecord, out: Path) -> str:
    write_report(record, lambda name: halves() if name != "A/A0003<" else None, out)
    return (out / "report.html").read_text("utf-8")


def test_report_is_one_valid_page_without_network(tmp_path: Path) -> None:
    page = written(small_cut(), tmp_path)
    outline = Outline(page)
    assert "http://" not in page
    assert "https://" not in page
    assert "@@" not in page
    sources = [attrs["src"] for _, attrs in outline.tags if attrs.get("src")]
    assert len(sources) == 6
    assert all(source and source.startswith("data:image/webp;base64,") for source in sources)
    assert not any(tag == "link" for tag, _ in outline.tags)
    ids = [attrs["id"] for _, attrs in outline.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = [str(attrs["href"]).removeprefix("#") for tag, attrs in outline.tags if tag == "a"]
    assert set(links) <= set(ids)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "report.json"]


def test_report_escapes_names(tmp_path: Path) -> None:
    page = written(small_cut(), tmp_path)
    for raw in ("<b>名前", "<here>", "<ink>", "out <&>", "red <&", "A0003<"):
        assert raw not in page
    outline = Outline(page)
    assert EVIL in outline.text["h3"]
    assert "cut off <here> & there" in outline.text["li"]
    assert "A/A0003<" in outline.text["a"]


def test_report_embeds_safe_json(tmp_path: Path) -> None:
    page = written(small_cut(), tmp_path)
    embedded = Outline(page).text["data"]
    assert not set("<>&") & set(embedded)
    data = json.loads(embedded)
    assert [cel["name"] for cel in data["cels"]] == ["A/A0001", EVIL, "A/A0003<"]
    assert data["cels"][0]["segments"] == []
    assert data["cels"][1]["segments"] == [
        [1, [0, 0, 41, 60], 2460, "#c81e28", 0.2, ["none", "#101010"]],
        [2, [49, 0, 90, 60], 2460, None, 0.0, []],
    ]
    assert data["names"]["#c81e28"] == "red <&\"'>"


def test_report_json_is_the_record(tmp_path: Path) -> None:
    record = small_cut()
    written(record, tmp_path)
    text = (tmp_path / "report.json").read_text("utf-8")
    assert text == record.to_json()
    assert json.loads(text)["cels"][1]["name"] == EVIL


def test_report_says_what_went_wrong_first(tmp_path: Path) -> None:
    page = written(msgspec.structs.replace(small_cut(), interrupted=True), tmp_path)
    assert page.index("Interrupted") < page.index("<b>Failed</b>") < page.index('id="doubtful"')
    calm = written(msgspec.structs.replace(small_cut(), cels=(), warnings=()), tmp_path)
    assert "Needs attention" not in calm


def test_report_survives_names_that_are_no_unicode(tmp_path: Path) -> None:
    name = b"A/\x83A\x83j".decode("utf-8", "surrogateescape")
    page = written(small_cut(name), tmp_path)
    assert json.loads(Outline(page).text["data"])["cels"][1]["name"] == name
    text = (tmp_path / "report.json").read_text("utf-8")
    assert json.loads(text)["cels"][1]["name"] == name
