"""The server behind the page: on this machine alone, for those who know its token.

Every request names the token that was printed, so that other pages in the same browser cannot
reach the cut; a `Host` other than this machine is refused, so that no foreign name can be pointed
here. Nothing takes a path: cels are named by place, and what is dropped on the page goes below the
folder that `shiage ui` was started in.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from shiage.errors import FileChanged, OutputExists, ShiageError, WriteFailed
from shiage.web.routes import API, STATIC, may_ask, routes
from shiage.web.workplace import Workplace

HOSTS = ["127.0.0.1", "localhost"]

WHO_ARE_YOU = "this needs the address that shiage ui printed, token and all"

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob: data:; "
    "style-src 'self' 'unsafe-inline'; connect-src 'self' ws://127.0.0.1:* ws://localhost:*; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def make_app(workplace: Workplace, token: str) -> FastAPI:
    """Return the server.

    Args:
        workplace: holds the open cut, if there is one.
        token: must come with every request but those for the page's own files.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(workplace.close)

    app = FastAPI(title="shiage ui", lifespan=lifespan, openapi_url=None)  # the page needs none
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=HOSTS)
    _add_problems(app)

    @app.middleware("http")
    async def secure(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        # Before anything of the request is read, its body above all.
        response = await call_next(request) if may_ask(request) else problem(403, WHO_ARE_YOU)
        response.headers.update(SECURITY_HEADERS)
        if request.scope["path"].startswith(f"{API}/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    app.state.workplace, app.state.token = workplace, token
    app.include_router(routes)
    app.mount("/", StaticFiles(directory=STATIC), name="static")
    return app


def problem(code: int, sentence: str) -> JSONResponse:
    """Return what is answered when something cannot be done."""
    return JSONResponse({"error": sentence}, code)


def _add_problems(app: FastAPI) -> None:
    """Report everything that goes wrong in the same way: a sentence under "error"."""

    @app.exception_handler(HTTPException)
    async def refused(_: Request, error: HTTPException) -> JSONResponse:
        return problem(error.status_code, str(error.detail))

    @app.exception_handler(RequestValidationError)
    async def malformed(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return problem(422, f"the page sent a request that cannot be used: {where}: {first['msg']}")

    @app.exception_handler(ShiageError)
    async def deliberate(_: Request, error: ShiageError) -> JSONResponse:
        code = 409 if isinstance(error, OutputExists | FileChanged) else 400
        return problem(500 if isinstance(error, WriteFailed) else code, str(error))
