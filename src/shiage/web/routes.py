"""What can be asked of the server, and by whom: those who know the token."""

from __future__ import annotations

import asyncio
import hmac
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response, WebSocket
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocketDisconnect

from shiage.errors import ShiageError
from shiage.web import messages as say
from shiage.web.actions import act, require_shape
from shiage.web.answers import (
    NOTHING_OPEN,
    tell_busy,
    tell_cel,
    tell_matches,
    tell_project,
    tell_same,
)
from shiage.web.coloured_lines import find_line
from shiage.web.desk import DeskCel
from shiage.web.export import ExportJob, export
from shiage.web.pictures import Shown, labels_png, line_png, painted_png
from shiage.web.renewal import look_again
from shiage.web.session import Busy, Session
from shiage.web.uploads import receive
from shiage.web.workplace import Workplace

STATIC = Path(__file__).parent / "static"
"""The built page; its source is in page/."""

API = "/api"
"""All that is asked of the cut lies below it."""

TOKEN_HEADER = "X-Shiage-Token"  # noqa: S105 - the name of the header, not a secret


SHAPE_HEADER = "X-Shiage-Shape"
"""The header of a picture that tells of which shape the cel is in it."""


def get_workplace(connection: HTTPConnection) -> Workplace:
    """Return what this server serves."""
    workplace: Workplace = connection.app.state.workplace
    return workplace


Here = Annotated[Workplace, Depends(get_workplace)]


def is_token(connection: HTTPConnection, given: str) -> bool:
    """Whether a token is the one that was printed."""
    return hmac.compare_digest(given.encode(), connection.app.state.token.encode())


def may_ask(request: Request) -> bool:
    """Whether a request names the token, or needs none because it does not ask for the cut."""
    path: str = request.scope["path"]  # as it is routed; `request.url` is made of the Host, too
    return not path.startswith(f"{API}/") or is_token(
        request, request.headers.get(TOKEN_HEADER, "")
    )


def get_session(workplace: Here) -> Session:
    """Return the open cut."""
    if workplace.session is None:
        raise HTTPException(409, "no cut is open; drop drawings on the page first")
    return workplace.session


Open = Annotated[Session, Depends(get_session)]


def get_as_it_is(index: int, session: Open) -> DeskCel:
    """Return a cel by place, a twin's original for a twin; it need not be prepared."""
    if not 0 <= index < len(session.cels):
        raise HTTPException(404, f"there is no cel {index}; give 0 to {len(session.cels) - 1}")
    desk = session.cels[index]
    look_again(session, (desk, session.cels[desk.original]))
    return session.cels[session.cels[index].original]


AsItIs = Annotated[DeskCel, Depends(get_as_it_is)]


def get_cel(cel: AsItIs, session: Open) -> DeskCel:
    """Return a cel by place, prepared."""
    return session.find(cel.index)


Cel = Annotated[DeskCel, Depends(get_cel)]


Shape = Annotated[int | None, Query(ge=0, description="of the segments that are shown")]
"""If these are other ones by now, the answer is 409."""


def get_row(
    label: Annotated[int, Query(ge=1)], cel: Cel, session: Open, shape: Shape = None
) -> int:
    """Return the row of a segment by its label."""
    require_shape(session, cel.index, shape)
    if label > len(cel.area):
        raise HTTPException(404, f"there is no segment {label}; give 1 to {len(cel.area)}")
    return label - 1


Row = Annotated[int, Depends(get_row)]

Version = Annotated[int | None, Query(ge=0, description="only makes the address new")]

PROBLEMS: dict[int | str, dict[str, Any]] = {
    code: {"model": say.Problem} for code in (400, 403, 404, 409, 413, 422, 500)
}

routes = APIRouter()
api = APIRouter(prefix=API, responses=PROBLEMS)
picture: dict[str, Any] = {
    "response_class": Response,
    "responses": {200: {"content": {"image/png": {}}}},
}


@api.get("/project")
def project(workplace: Here) -> say.ProjectState:
    """Return everything the page shows but pictures and segments."""
    if workplace.session is None:
        return NOTHING_OPEN
    look_again(workplace.session)
    return tell_project(workplace.session)


@api.get("/cels/{index}")
def cel_state(session: Open, cel: Cel) -> say.CelState:
    """Return a cel with its segments."""
    return tell_cel(session, cel)


@api.get("/cels/{index}/labels.png", **picture)
def label_map(session: Open, cel: Cel, v: Version = None) -> Response:
    """Return the label map as RGB: label = red + 256 x green."""
    return _png(labels_png(session, cel), v)


@api.get("/cels/{index}/line.png", **picture)
def line(session: Open, cel: Cel, v: Version = None) -> Response:
    """Return the lines on transparent paper, the artist's pen and eraser among them."""
    return _png(line_png(session, cel), v)


@api.get("/cels/{index}/painted.png", **picture)
def painted(
    session: Open,
    cel: AsItIs,
    v: Version = None,
    max_side: Annotated[int | None, Query(alias="max", ge=1, le=20_000)] = None,
) -> Response:
    """Return the painted cel; `max` limits its longest side."""
    return _png(painted_png(session, cel, max_side), v)


@api.get("/cels/{index}/match")
def match(session: Open, cel: Cel, row: Row) -> say.Matches:
    """Return the segments that a segment's color comes from, the likeliest first."""
    return tell_matches(session, cel, row)


@api.get("/cels/{index}/coloured-line")
def coloured_line(
    session: Open,
    cel: Cel,
    x: Annotated[int, Query(ge=0, le=100_000)],
    y: Annotated[int, Query(ge=0, le=100_000)],
    shape: Shape = None,
) -> say.Line | None:
    """Return the coloured line at a pixel, null where there is none."""
    require_shape(session, cel.index, shape)
    return find_line(session, cel, (x, y))


@api.get("/cels/{index}/same")
def same_part(session: Open, cel: Cel, row: Row) -> say.Same:
    """Return where the same part is in the other cels of the column."""
    return tell_same(session, cel, row)


@api.post("/actions")
def actions(session: Open, action: say.Action) -> say.ProjectState:
    """Do what the artist asks for; the other cels follow in the background."""
    act(session, action)
    return tell_project(session)


@api.post("/export")
def export_cut(session: Open, what: say.Export) -> say.Exported:
    """Write the painted cut to files."""
    job = ExportJob(
        format=what.format,
        separate=what.layers == "separate",
        changed_only=what.changed_only,
        line_edits=what.line_edits,
        overwrite=what.overwrite,
    )

    def progress(_: str, done: int, total: int, /) -> None:
        session.tell_busy(Busy("exporting", done, total))

    try:
        files, left_out = export(session, job, progress)
    finally:
        session.tell_busy(None)
    return say.Exported(files=files, folder=str(session.outputs.folder), left_out=left_out)


@api.post("/start")
async def start(request: Request, workplace: Here) -> say.ProjectState:
    """Begin a cut from pictures dropped on the page; see `uploads.receive`."""
    if workplace.session is not None:
        raise HTTPException(409, "a cut is open already; start shiage ui again for another one")
    folder, passed_over = await receive(request, workplace.folder)
    try:
        await run_in_threadpool(workplace.open_folder, folder)
    except ShiageError:  # so that it can be dropped again under the same name
        shutil.rmtree(folder, ignore_errors=True)
        raise
    get_session(workplace).left_out += passed_over
    return await run_in_threadpool(project, workplace)


@routes.websocket("/api/events")
async def events(socket: WebSocket, workplace: Here, token: Annotated[str, Query()] = "") -> None:
    """Tell of every change."""
    if not is_token(socket, token):
        await socket.close(1008)
        return
    await socket.accept()
    with suppress(WebSocketDisconnect, RuntimeError):  # the page was closed meanwhile
        await _tell_changes(workplace, socket)


@routes.get("/", include_in_schema=False)
def index(request: Request, token: Annotated[str, Query()] = "") -> Response:
    """Return the page."""
    if not is_token(request, token):
        raise HTTPException(403, "open the address that shiage ui printed, token and all")
    return FileResponse(STATIC / "index.html")


async def _tell_changes(workplace: Workplace, socket: WebSocket) -> None:
    """Send version and work at hand at each change, until the page goes away."""

    async def listen() -> None:
        while True:
            await socket.receive_text()

    sent: dict[str, Any] | None = None
    listening = asyncio.ensure_future(listen())
    try:
        while not (listening.done() or workplace.closed):
            session = workplace.session
            change = say.Change(version=0, busy=None)
            if session is not None:
                change = say.Change(version=session.version, busy=tell_busy(session))
            now = change.model_dump()
            await (socket.send_json(now) if now != sent else asyncio.sleep(0))
            sent = now
            await run_in_threadpool(workplace.wait_for_change, sent)
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)  # why it ended is nobody's concern


def _png(shown: Shown, version: int | None) -> Response:
    """Return a picture; one whose address names its version never changes.

    It tells of which shape it is: what is looked at must not be laid on segments of another one.
    """
    cache = "no-store" if version is None else "private, max-age=31536000, immutable"
    # Versions begin again with each server, and so does the token: at the same port, the browser
    # must not show what it kept of an earlier one.
    headers = {"Cache-Control": cache, "Vary": TOKEN_HEADER, SHAPE_HEADER: str(shown.shape)}
    return Response(shown.png, media_type="image/png", headers=headers)


routes.include_router(api)
