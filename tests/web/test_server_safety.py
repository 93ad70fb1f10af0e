"""What strangers, odd requests and bad luck can do to the server: nothing."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from shiage import extras
from shiage.cuts.job import CutJob
from shiage.cuts.project import read_project
from shiage.cuts.recipe import Recipe
from shiage.errors import ShiageError
from shiage.web import messages
from shiage.web.actions import act
from shiage.web.answers import tell_cel, tell_project
from shiage.web.pictures import labels_png, line_png, painted_png
from shiage.web.server import make_app
from shiage.web.session import Session
from shiage.web.workplace import Workplace
from tests.integration.conftest import (
    draw_cut,
    draw_figure,
    draw_key,
    hash_tree,
    save,
    shiage,
)
from tests.web.conftest import LONG, Ui, read_state, running, start_ui

SCHEMA: dict[str, Any] = make_app(Workplace(Path(), CutJob), "t").openapi()
ROUTES = [
    (method.upper(), path.replace("{index}", "0"))
    for path, methods in SCHEMA["paths"].items()
    for method in methods
]
PNG = b"\x89PNG\r\n\x1a\n"


def picture_bytes(dx: int = 0, *, painted: bool = False) -> bytes:

    done, data = cv2.imencode(".png", draw_figure(dx, painted=painted)[..., 2::-1])
    assert done
    return data.tobytes()


def only_error(answer: httpx.Response) -> str:
    """The sentence of an answer that holds nothing else."""
    assert list(answer.json()) == ["error"], answer.text
    sentence: str = answer.json()["error"]
    assert sentence
    assert "Traceback" not in sentence
    return sentence


# -- who may ask ---------------------------------------------------------------------------------


def test_there_are_routes() -> None:
    assert ("POST", "/api/actions") in ROUTES
    assert ("GET", "/api/cels/0/labels.png") in ROUTES
    assert len(ROUTES) >= 10
    assert all(path.startswith("/api/") for _, path in ROUTES)


@pytest.mark.parametrize(("method", "path"), [*ROUTES, ("GET", "/api/none"), ("PUT", "/api/start")])
def test_token_is_asked_for_before_anything_else(ui: Ui, method: str, path: str) -> None:
    before = ui.project()["version"]
    with httpx.Client(base_url=ui.url) as stranger:
        for headers in (
            {},
            {"X-Shiage-Token": ""},
            {"X-Shiage-Token": ui.token[:-1]},
            {"X-Shiage-Token": ui.token + "x"},
            {"X-Shiage-Token": ui.token.swapcase()},
            {"X-Shiage-Token": "é"},
            {"Authorization": f"Bearer {ui.token}", "Cookie": f"token={ui.token}"},
            {"Content-Type": "application/json"},
        ):
            raw = [(key.encode(), value.encode()) for key, value in headers.items()]
            answer = stranger.request(method, path, headers=raw, content=b'{"kind": "undo')
            assert answer.status_code == 403, headers
            assert "token" in only_error(answer)
            in_url = stranger.request(method, path, params={"token": ui.token}, headers=raw)
            assert in_url.status_code == 403, "in the URL it opens the page alone"
    assert ui.project()["version"] == before


def test_page_needs_the_token_in_its_address(ui: Ui) -> None:
    with httpx.Client(base_url=ui.url) as stranger:
        assert stranger.get("/").status_code == 403
        assert stranger.get("/?token=wrong").status_code == 403
        assert stranger.get("/", params={"token": ui.token}).status_code == 200
        assert stranger.get("/assets/app.js").status_code == 200
        for path in ("/docs", "/redoc", "/openapi.json"):
            assert stranger.get(path).status_code == 404


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example/127.0.0.1", "[::1]", "", "@"]
)
def test_foreign_host_is_refused(ui: Ui, host: str) -> None:
    """No foreign name can be pointed at this machine to read from it."""
    for path in ("/api/project", f"/?token={ui.token}", "/assets/app.js"):
        answer = ui.client.get(path, headers={"Host": host})
        assert answer.status_code == 400
    with pytest.raises(InvalidStatus) as refused:
        connect(
            f"{ui.url.replace('http', 'ws')}/api/events?token={ui.token}",
            additional_headers={"Host": host},
        )
    assert refused.value.response.status_code in (400, 403)


def test_host_cannot_hide_the_path(ui: Ui) -> None:
    """The address made of the Host is not what is routed."""
    with httpx.Client(base_url=ui.url) as stranger:
        for host in ("127.0.0.1?", "127.0.0.1/x?", "127.0.0.1#", "localhost/assets"):
            answer = stranger.get("/api/project", headers={"Host": host})
            assert answer.status_code in (400, 403)
            assert "palette" not in answer.text


def test_localhost_is_a_name_of_this_machine(ui: Ui) -> None:
    port = ui.url.rpartition(":")[2]
    answer = ui.client.get("/api/project", headers={"Host": f"localhost:{port}"})
    assert answer.status_code == 200


@pytest.mark.parametrize("query", ["", "?token=", "?token=wrong", "?Token={token}"])
def test_events_need_the_token(ui: Ui, query: str) -> None:
    address = f"{ui.url.replace('http', 'ws')}/api/events{query.format(token=ui.token)}"
    with pytest.raises(InvalidStatus) as refused:
        connect(address, additional_headers={"X-Shiage-Token": "wrong"})
    assert refused.value.response.status_code == 403


def test_other_pages_may_not_read_answers(ui: Ui) -> None:
    answer = ui.client.options(
        "/api/project",
        headers={"Origin": "http://evil.example", "Access-Control-Request-Method": "GET"},
    )
    assert answer.status_code in (403, 405)
    answer = ui.client.get("/api/project", headers={"Origin": "http://evil.example"})
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    "path",
    [
        "/../serving.py",
        "/assets/../../serving.py",
        "/%2e%2e/serving.py",
        "/assets/..%2f..%2fserving.py",
        "/assets/%2e%2e/%2e%2e/serving.py",
        "/..%5cserving.py",
        "/....//serving.py",
        "//etc/passwd",
        "/%2fetc/passwd",
        "/../../../../../../../../etc/passwd",
        "/assets/%00",
        "/assets/app.js%00.png",
        "/assets/" + "x" * 5000,
        "/assets/%ff%fe",
        "/api/cels/..%2f..%2f/painted.png",
        "/api/cels/0/..%2f..%2fserving.py",
    ],
)
def test_no_file_outside_the_page_is_served(ui: Ui, path: str) -> None:
    connection = http.client.HTTPConnection(ui.url.removeprefix("http://"), timeout=LONG)
    connection.putrequest("GET", path)
    connection.putheader("X-Shiage-Token", ui.token)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status in (400, 404, 422), body
    assert b"uvicorn" not in body
    assert b"root:" not in body


def test_listens_on_this_machine_alone(ui: Ui) -> None:
    port = int(ui.url.rpartition(":")[2])
    with socket.socket() as other:
        other.settimeout(LONG)
        try:
            other.connect((socket.gethostbyname(socket.gethostname()), port))
        except OSError:
            return
        assert other.getpeername()[0].startswith("127."), "reached from outside"


# -- drawings dropped on the page ----------------------------------------------------------------


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Ui, Path]]:
    """A server without a cut, and the folder it was started in; tests leave it without one."""
    folder = tmp_path_factory.mktemp("empty")
    with running(cwd=folder) as ui:
        assert ui.project()["started"] is False
        yield ui, folder


def drop(
    ui: Ui, *files: tuple[str, bytes], name: str = "dropped", client: httpx.Client | None = None
) -> httpx.Response:
    """Drop files on the page."""
    return (client or ui.client).post(
        "/api/start",
        data={"name": name},
        files=[("files", (at, data, "application/octet-stream")) for at, data in files],
    )


def raw_form(filename: bytes) -> dict[str, Any]:
    """A form with one picture whose name no proper client would send."""
    body = (
        b'--x\r\nContent-Disposition: form-data; name="files"; filename="'
        + filename
        + b'"\r\n\r\n'
        + picture_bytes()
        + b"\r\n--x--\r\n"
    )
    return {"content": body, "headers": {"Content-Type": "multipart/form-data; boundary=x"}}


ODD_NAMES = [
    "../x.png",
    "a/../../x.png",
    "..\\x.png",
    "a/..\\..\\x.png",
    "/etc/x.png",
    "//x/y.png",
    "C:x.png",
    "a/C:\\x.png",
    "x" * 5000 + ".png",
    "仕" * 100 + ".png",
    "/".join(["d" * 200] * 30) + "/x.png",
    "x.png:stream.png",
]


@pytest.mark.parametrize("name", ODD_NAMES, ids=lambda name: name[:20])
def test_names_that_lead_elsewhere_are_refused(empty: tuple[Ui, Path], name: str) -> None:
    ui, folder = empty
    before = sorted(folder.parent.rglob("*"))
    answer = drop(ui, ("A0001.png", picture_bytes()), (name, picture_bytes()))
    assert answer.status_code == 400, answer.text
    only_error(answer)
    assert sorted(folder.parent.rglob("*")) == before, "nothing is left behind"
    assert ui.project()["started"] is False


@pytest.mark.parametrize("name", [b"a\0b.png", b"\0", b"..", b".", b"/", b"", b'a"; x="b.png'])
def test_names_that_no_browser_sends(empty: tuple[Ui, Path], name: bytes) -> None:
    ui, folder = empty
    answer = ui.client.post("/api/start", **raw_form(name))
    assert answer.status_code == 400, answer.text
    only_error(answer)
    assert not list(folder.iterdir())


def test_place_on_another_machine_is_left_out_of_the_name(tmp_path: Path) -> None:
    """Browsers of old sent whole paths, of which the form's reader takes the last part."""
    with running(cwd=tmp_path) as ui:
        answer = ui.client.post("/api/start", **raw_form(b"C:\\x.png"))
        assert answer.status_code == 200, answer.text
        assert [path.name for path in (tmp_path / "cut").rglob("*.png")] == ["x.png"]
        assert [path.name for path in tmp_path.iterdir()] == ["cut"]


def test_one_dropped_folder_is_the_cut_and_several_are_columns(tmp_path: Path) -> None:
    for number, (names, columns) in enumerate(
        [
            (["cut7/A0001.png", "cut7/B0001.png"], ["A", "B"]),
            (["cut7/A/0001.png", "cut7/B/0001.png"], ["A", "B"]),
            (["A0001.png", "_lines/A0001.png", ".x/B0001.png"], ["A"]),
        ]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        with running(cwd=folder) as ui:
            project = drop(ui, *((name, picture_bytes()) for name in names)).json()
            assert [cel["column"] for cel in project["cels"]] == columns


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([], "no picture"),
        ([("notes.txt", b"hello")], "no picture"),
        ([(".hidden.png", PNG)], "no picture"),
        ([("._A0001.png", PNG), ("Thumbs.db", b"")], "no picture"),
        ([("ref/A0001.png", PNG)], "no drawing"),
        ([("A/A0001.png", PNG), ("x/A/A0001.png", PNG)], "A0001.png"),
        ([("b/A0001.png", PNG), ("c/b/A0001.png", PNG)], "A0001.png"),
        ([("ref/A0001.png", PNG), ("color/A0001.png", PNG), ("A0001.png", PNG)], "A0001.png"),
    ],
)
def test_what_makes_no_cut_is_refused_and_leaves_nothing(
    empty: tuple[Ui, Path], files: list[tuple[str, bytes]], words: str
) -> None:
    ui, folder = empty
    answer = drop(ui, *files)
    assert answer.status_code == 400, answer.text
    assert words in only_error(answer)
    assert not list(folder.iterdir()), "so that it can be tried again under the same name"


@pytest.mark.parametrize(
    "request_of",
    [
        {"json": {"files": []}},
        {"content": b"", "headers": {"Content-Type": "multipart/form-data"}},
        {"content": b"x" * 1000, "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        {"data": {"files": "not a file", "name": "x"}},
        {"data": {"name": "x" * 2_000_000}},
        {"files": {"name": ("A0001.png", b"a file as the name")}},
        {"content": b"\xff" * 100, "headers": {"Content-Type": "text/plain; charset=utf-8"}},
    ],
)
def test_odd_forms(empty: tuple[Ui, Path], request_of: dict[str, Any]) -> None:
    ui, folder = empty
    answer = ui.client.post("/api/start", **request_of)
    assert answer.status_code == 400, answer.text
    only_error(answer)
    assert not list(folder.iterdir())


@pytest.mark.parametrize("size", [b"4294967297", b"9" * 18])
def test_too_much_is_refused_before_it_is_read(empty: tuple[Ui, Path], size: bytes) -> None:
    ui, _ = empty
    connection = http.client.HTTPConnection(ui.url.removeprefix("http://"), timeout=LONG)
    connection.putrequest("POST", "/api/start")
    connection.putheader("X-Shiage-Token", ui.token)
    connection.putheader("Content-Type", "multipart/form-data; boundary=x")
    connection.putheader("Content-Length", size)
    connection.endheaders()  # and nothing more
    answer = connection.getresponse()
    assert answer.status == 413
    assert "4 GB" in json.loads(answer.read())["error"]
    connection.close()


def test_form_that_does_not_tell_its_size_is_refused(empty: tuple[Ui, Path]) -> None:
    ui, folder = empty

    def forever() -> Iterator[bytes]:
        yield b"--x\r\n"
        yield b"x" * 1000

    answer = ui.client.post(
        "/api/start",
        content=forever(),
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )
    assert answer.status_code == 411
    only_error(answer)
    assert not list(folder.iterdir())


def test_too_many_files(empty: tuple[Ui, Path]) -> None:
    ui, folder = empty
    answer = drop(ui, *((f"A{number}.png", b"") for number in range(2001)))
    assert answer.status_code == 413
    assert "2000" in only_error(answer)
    assert not list(folder.iterdir())


def test_dropped_model_sheets_stay_apart(tmp_path: Path) -> None:
    files = [("walk/A/A0001.png", picture_bytes()), ("walk/A/A0002.png", picture_bytes(3))]
    files += [("walk/色見本/A0002.png", picture_bytes(1, painted=True))]
    with running(cwd=tmp_path) as ui:
        assert drop(ui, *files, name="walk").status_code == 200
        assert sorted(
            path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.png")
        ) == [
            *(f"walk/line/A000{n}.png" for n in (1, 2)),
            "walk/model/A0002.png",
        ]
        assert [cel["state"] for cel in ui.settle()["cels"]] == ["painted"] * 2


def test_dropped_drawings_become_a_cut(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine.txt").write_text("mine")
    files = [(f"walk/A/A000{n + 1}.png", picture_bytes(3 * n)) for n in range(3)]
    files += [("walk/B/B0001.png", picture_bytes(9)), ("walk/readme.txt", b"hello")]
    files += [("ref/A0001.png", picture_bytes(painted=True))]
    with running(cwd=tmp_path) as ui:
        answer = drop(ui, *files, name="taken")
        assert answer.status_code == 409
        assert "another name" in only_error(answer)
        assert [p.name for p in tmp_path.rglob("*")] == ["taken", "mine.txt"]
        with ui.events() as socket:
            answer = drop(ui, *files, name="Cut 7/..\\é仕: <b>\0.")
            assert answer.status_code == 200, answer.text
            assert json.loads(socket.recv(timeout=LONG))["version"] == 0
            while json.loads(socket.recv(timeout=LONG))["version"] == 0:
                pass
        project = answer.json()
        assert project["started"] is True
        folder = Path(project["cut"])
        assert folder.parent == tmp_path
        assert "仕" in folder.name
        assert not set("/\\:<>\0") & set(folder.name)
        assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png")) == [
            *(f"line/A/A000{n}.png" for n in (1, 2, 3)),
            "line/B/B0001.png",
            "ref/A0001.png",
        ]
        project = ui.settle()
        assert [cel["state"] for cel in project["cels"]] == ["key", *["painted"] * 3]
        assert (
            ui.label_at(2, 78, 60)
            == ui.get("cels/1/same", label=ui.label_at(1, 75, 60))["found"][-1]["label"]
        )
        new = ui.add_color()
        ui.paint(1, [ui.label_at(1, 75, 60)], new)
        ui.wait_for(lambda: ui.segment(2, ui.label_at(2, 78, 60))["color"] == new)
        before = hash_tree(tmp_path)
        answer = drop(ui, *files, name="second")
        assert answer.status_code == 409
        assert "open already" in only_error(answer)
        assert hash_tree(tmp_path) == before, "the second cut is not stored"


def test_damaged_pictures_are_dropped_as_failed_cels(tmp_path: Path) -> None:
    whole = picture_bytes()
    files = [("A0001.png", whole), ("A0002.png", whole[:200]), ("A0003.png", b"no picture")]
    with running(cwd=tmp_path) as ui:
        assert drop(ui, *files, name="").status_code == 200
        project = ui.settle()
        assert [cel["state"] for cel in project["cels"]] == ["blank", "failed", "failed"]
        assert project["name"] == "cut"


def test_name_too_long_for_the_disk(empty: tuple[Ui, Path]) -> None:
    """Eighty letters may be more bytes than a file name can have."""
    ui, folder = empty
    answer = drop(ui, ("notes.txt", b""), name="𠮷" * 80)
    assert answer.status_code == 400
    with running(cwd=folder) as other:
        answer = drop(other, ("A0001.png", picture_bytes()), name="𠮷" * 80)
        assert answer.status_code == 200, answer.text
        cut = Path(answer.json()["cut"])
        assert set(cut.name) == {"𠮷"}
        (cut / "line" / "A0001.png").unlink()
        (cut / "line").rmdir()
        cut.rmdir()


@pytest.mark.parametrize("path", ["/api/project", "/api/cels/0", "/api/cels/0/labels.png"])
def test_nothing_open(empty: tuple[Ui, Path], path: str) -> None:
    ui, _ = empty
    answer = ui.client.get(path)
    if path == "/api/project":
        assert answer.json()["cels"] == []
    else:
        assert answer.status_code == 409
        assert "no cut is open" in only_error(answer)
    answer = ui.try_to("undo")
    assert answer.status_code == 409


# -- malformed requests --------------------------------------------------------------------------

fuzzed = schemathesis.openapi.from_dict(SCHEMA)
lazily = settings(
    max_examples=10,
    suppress_health_check=list(HealthCheck),
    deadline=None,
)


@fuzzed.exclude(path=["/api/start", "/api/actions"]).parametrize()
@lazily
def test_any_request_is_answered(case: schemathesis.Case[Any], ui: Ui) -> None:
    """With what is documented, and never with "internal server error"."""
    raw = case.as_transport_kwargs(base_url=ui.url)
    sent = {
        key: raw[key] for key in ("method", "url", "params", "json") if raw.get(key) is not None
    }
    response = ui.client.request(**sent)
    assert response.status_code < 500, response.text
    documented = case.operation.definition.raw["responses"]
    assert str(response.status_code) in [*documented, "405", "406"], response.text
    if response.status_code >= 400:
        assert list(json.loads(response.content)) == ["error"]
    out = Path(ui.project()["out"])
    assert read_project(out) is not None or not (out / "shiage.json").exists()


BODIES = [
    b"",
    b"{",
    b"null",
    b"[]",
    b'"paint"',
    b"\xff\xfe\x00",
    b'{"kind": NaN}',
    b'{"kind": "\\ud800"}',
    b'{"kind": "color_add", "color": "#112233", "name": "\\ud800"}',
    b'{"kind": "color_add", "color": "\\ud800", "name": ""}',
    b'{"kind": "settings", "below": NaN}',
    b'{"kind": "settings", "below": Infinity}',
    b'{"kind": "settings", "fps": 1e400}',
    b'{"kind": "settings", "fps": ' + b"9" * 5000 + b"}",
    b'{"kind": "undo", "\\ud800": 1}',
    b"[" * 100_000,
    b'{"kind": "undo", "kind": ["undo"]}',
    b'{"kind": {"kind": "undo"}}',
]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:40]))
@pytest.mark.parametrize("path", ["/api/actions", "/api/export"])
def test_odd_bodies(ui: Ui, path: str, body: bytes) -> None:
    for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded", "odd"):
        answer = ui.client.post(path, content=body, headers={"Content-Type": kind})
        assert answer.status_code in (400, 422), answer.text
        only_error(answer)
    assert ui.project()["undo"] is None


small = st.integers(0, 5)
labels = st.lists(st.integers(1, 9), min_size=1, max_size=3)
items = st.lists(st.fixed_dictionaries({"cel": small, "labels": labels}), min_size=1, max_size=3)
near = st.integers(-20, 180)
far = st.one_of(near, near, st.integers(-100_000, 100_000))
strokes = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["close", "join", "pen", "erase"]),
        "points": st.lists(st.tuples(far, far), min_size=1, max_size=5),
        "width": st.integers(1, 40),
    }
)
hexes = st.sampled_from(["#112233", "#abc", "#11223344", "none", "x", ""])


def kind_of(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"kind": st.just(kind), **fields})


any_action = st.one_of(
    kind_of("paint", items=items, color=st.integers(0, 8)),
    kind_of("accept", items=items),
    kind_of("release", items=items),
    kind_of("reset", cels=st.lists(small, min_size=1, max_size=3)),
    kind_of("edit", cel=small, stroke=strokes),
    kind_of("edit", cel=small, stroke=strokes),
    kind_of("reference", cel=small, on=st.booleans()),
    kind_of("color_add", color=hexes, name=st.text(max_size=5)),
    kind_of("color_change", id=st.integers(0, 8), color=hexes),
    kind_of("color_rename", id=st.integers(0, 8), name=st.text(max_size=5)),
    kind_of("hold", cels=st.lists(small, min_size=1, max_size=3), frames=st.integers(0, 5)),
    kind_of("settings", below=st.floats(0, 1), fps=st.integers(1, 60)),
    kind_of("undo"),
    kind_of("redo"),
)


odd_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(any_action, st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_action_with_something_odd_in_it_is_answered(
    ui: Ui, action: dict[str, Any], data: st.DataObject
) -> None:
    """Of these, schemathesis makes few in a long time, since lists may be so long."""
    field = data.draw(st.sampled_from([*action, "surplus"]))
    body = json.dumps(action | {field: data.draw(odd_json)}).encode()
    answer = ui.client.post("/api/actions", content=body[: data.draw(st.integers(1, 2000))])
    assert answer.status_code in (200, 400, 422), answer.text
    if answer.status_code != 200:
        only_error(answer)
    out = Path(ui.project()["out"])
    assert read_project(out) is not None or not (out / "shiage.json").exists()


@pytest.fixture(scope="module")
def hammered(tmp_path_factory: pytest.TempPathFactory) -> Session:
    folder = tmp_path_factory.mktemp("hammered")
    draw_cut(folder / "cut", 3)
    save(folder / "cut" / "A0004.png", draw_figure(3))  # a twin
    (folder / "cut" / "A0005.png").write_bytes(b"no picture")
    draw_key(folder / "key" / "A0001.png")
    return Session(CutJob(folder / "cut", Recipe((folder / "key",))))


@given(st.lists(any_action, min_size=1, max_size=8))
def test_any_row_of_actions_leaves_a_cut_that_can_be_shown(
    hammered: Session, actions: list[dict[str, Any]]
) -> None:
    session = hammered
    reader: TypeAdapter[messages.Action] = TypeAdapter(messages.Action)
    for raw in actions:
        try:
            action = reader.validate_python(raw)
        except ValidationError:
            continue
        try:
            act(session, action)
        except ShiageError:
            continue
    if session.undo_kind:
        assert read_project(session.outputs.folder) is not None
    project = tell_project(session)
    for index in range(4):
        desk = session.find(index)
        cel = tell_cel(session, desk)
        assert all(segment.color < len(project.palette) for segment in cel.segments)
        assert labels_png(session, desk)
        assert line_png(session, desk)
        assert painted_png(session, desk, 100)
        assert painted_png(session, desk, None)
    while session.undo_kind:
        session.undo()
    assert not any(desk.cel.name in session.project.cels for desk in session.cels)


def test_state_on_disk_outlasts_all_this(hammered: Session) -> None:
    act(hammered, messages.Hold(kind="hold", cels=[0], frames=2))  # the row may be another worker's
    hammered.undo()
    state = read_state(hammered.outputs.folder)
    assert state["cels"] == {}
    assert read_project(hammered.outputs.folder) is not None


def test_events_take_no_words(ui: Ui) -> None:
    """What a page sends is of no interest, of whatever kind."""
    for words in ("hello", b"\xff" * 100, "x" * 100_000):
        with ui.events() as socket:
            socket.recv(timeout=LONG)
            socket.send(words)
            version = ui.act("hold", cels=[0], frames=len(words) % 7 + 3)["version"]
            try:
                while json.loads(socket.recv(timeout=LONG))["version"] < version:
                    pass
            except ConnectionClosed:
                assert isinstance(words, bytes)


# -- its end -------------------------------------------------------------------------------------


def test_ctrl_c_ends_it(cut: Path) -> None:
    start_ui(cut, "-r", cut.parent / "key", cwd=cut.parent).stop().ok()


def test_ctrl_c_while_cels_are_being_prepared(tmp_path: Path) -> None:
    for number in range(40):
        save(tmp_path / "cut" / f"A{number:04}.png", np.tile(draw_figure(number), (6, 6, 1)))
    ui = start_ui(tmp_path / "cut", cwd=tmp_path)
    ui.wait(lambda project: project["busy"] is not None)
    ui.stop().ok()


def raise_end(socket: ClientConnection) -> None:
    """Read what a WebSocket still has to tell until it is closed."""
    while True:
        socket.recv(timeout=LONG)


def test_ctrl_c_while_pages_are_open(fresh_ui: Ui) -> None:
    ui = start_ui(Path(fresh_ui.project()["cut"]), cwd=Path("/"))
    with ui.events() as first, ui.events() as second:
        first.recv(timeout=LONG)
        second.recv(timeout=LONG)
        ui.stop().ok()
        for socket in (first, second):
            with pytest.raises(ConnectionClosed) as closed:
                raise_end(socket)
            assert closed.value.rcvd is not None, "it was told"


def test_pages_that_come_and_go_leave_no_trace(fresh_ui: Ui) -> None:
    """`running` sees to it that nothing was told on standard error."""
    for _ in range(5):
        with fresh_ui.events() as tidy:
            tidy.recv(timeout=LONG)
        with fresh_ui.events() as crude:
            crude.recv(timeout=LONG)
            crude.socket.shutdown(socket.SHUT_RDWR)
    assert fresh_ui.project()["started"] is True


def test_port_in_use(cut: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = shiage("ui", cut, "--no-open", "--port", str(port))
    told.fails(f"port {port} cannot be used", "Leave out --port")
    assert len(told.err.strip().splitlines()) == 1
    assert not told.out


def test_port_that_was_asked_for(cut: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ui = start_ui(cut, "--port", str(port), cwd=cut.parent)
    assert ui.url == f"http://127.0.0.1:{port}"
    ui.stop().ok()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["nowhere"], "no such folder"),
        (["key/A0001.png"], "this is a file"),
        (["empty"], "no drawing found"),
        (["cut", "--ref", "nowhere"], "no such file"),
        (["cut", "--matcher", "magic"], "magic"),
    ],
)
def test_cut_that_cannot_be_opened(cut: Path, args: list[str], words: str) -> None:
    (cut.parent / "empty").mkdir()
    told = shiage("ui", *args, "--no-open", cwd=cut.parent).fails(words)
    assert len(told.err.strip().splitlines()) == 1


def test_missing_library_is_named_with_its_extra(
    cut: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from shiage.cli import main

    def refuse(name: str) -> None:
        raise ModuleNotFoundError(f"No module named {name!r}", name="uvicorn")

    monkeypatch.setattr(extras, "import_module", refuse)
    monkeypatch.setattr("sys.argv", ["shiage", "ui", str(cut), "--no-open"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    told = capsys.readouterr()
    assert 'pip install ".[web]"' in told.err
    assert 'pip install "shiage[web]"' in told.err
    assert "uvicorn" in told.err
    assert len(told.err.strip().splitlines()) == 1
    assert not told.out
