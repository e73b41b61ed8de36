"""`searchkit serve`: the app in a browser, by the go-between of textual-serve and a web server with checks.

The server of textual-serve itself lets in everybody from everywhere, lists its folders and loads a font from elsewhere;
of it we use what links page and app, and the terminal in the page.
"""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from string import Template
from typing import Final
from urllib.parse import quote

import textual_serve
from aiohttp import hdrs, web
from textual_serve.download_manager import DownloadManager

from searchkit.errors import SearchkitError
from searchkit.tui.serve_gate import Gate, origins_of
from searchkit.tui.serve_session import Session, within

PAGE: Final = Path(__file__).with_name("serve_page.html")
SCRIPT: Final = PAGE.with_name("serve_focus.js")
STATIC: Final = Path(textual_serve.__file__).with_name("static")
#: The longest message that a page may send (a paste).
MOST_BYTES: Final = 1 << 20
#: The page runs the one script, talks to nobody else, and is shown in no other page. xterm.js sets styles by itself.
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "font-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Server": "searchkit",
    "X-Content-Type-Options": "nosniff",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Served:
    """The web application: the page, what it loads, and a session for each websocket, at most `sessions` at a time."""

    def __init__(self, command: Sequence[str], gate: Gate, *, sessions: int) -> None:
        self.gate = gate
        self._command = command
        self._limit = sessions
        self._secure = gate.origins[0].startswith("https:")
        # A cookie is for all ports of a host: two servers must not take each other's.
        self._cookie = f"searchkit-{gate.hosts[0].rpartition(':')[2] or '0'}"
        self._open: set[web.WebSocketResponse] = set()
        self._downloads = DownloadManager()

    def application(self) -> web.Application:
        """The application, to be run."""
        app = web.Application(middlewares=[self._guard])
        app.add_routes(
            [
                web.get("/", self._page),
                web.get("/focus.js", self._script),
                web.get("/ws", self._websocket),
                web.get("/download/{key}", self._download),
                web.static("/static", STATIC),
            ]
        )
        app.on_shutdown.append(self._hang_up)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        cookie = request.cookies.get(self._cookie)
        token = request.query.get("token")
        knows = token is not None and request.path == "/" and self._may_come(request, token, cookie)
        reason = self.gate.refusal(
            request.headers.getall(hdrs.HOST, []),
            request.headers.getall(hdrs.ORIGIN, []),
            self.gate.cookie if knows else None if token is not None else cookie,
            must_have_origin=request.path == "/ws",
        )
        response: web.StreamResponse
        try:
            if reason is not None:
                response = web.Response(status=HTTPStatus.FORBIDDEN, text=reason + "\n")
            elif knows:  # on without the token, which would stay in the browser's history
                response = web.Response(status=HTTPStatus.SEE_OTHER, headers={hdrs.LOCATION: "/"})
                response.set_cookie(
                    self._cookie, self.gate.cookie, httponly=True, samesite="Strict", secure=self._secure
                )
            else:
                response = await handler(request)
        except web.HTTPException as error:
            error.headers.update(HEADERS)
            raise
        if not response.prepared:
            response.headers.update(HEADERS)
        return response

    def _may_come(self, request: web.Request, token: str, cookie: str | None) -> bool:
        # The token is not spent on a request that is refused for another reason.
        hosts, origins = (request.headers.getall(name, []) for name in (hdrs.HOST, hdrs.ORIGIN))
        return self.gate.refusal(hosts, origins, self.gate.cookie) is None and self.gate.admit(token, cookie)

    async def _page(self, request: web.Request) -> web.Response:
        scheme = "wss" if self._secure else "ws"
        text = Template(PAGE.read_text("utf-8")).substitute(websocket=f"{scheme}://{request.host}/ws")
        return web.Response(text=text, content_type="text/html")

    async def _script(self, request: web.Request) -> web.FileResponse:
        del request
        return web.FileResponse(SCRIPT)

    async def _websocket(self, request: web.Request) -> web.WebSocketResponse:
        if len(self._open) >= self._limit:
            raise web.HTTPServiceUnavailable(text=f"{self._limit} sessions are open, which is the limit.\n")
        websocket = web.WebSocketResponse(heartbeat=15, max_msg_size=MOST_BYTES)
        self._open.add(websocket)
        session = Session(self._command, websocket, self._downloads)
        try:
            await websocket.prepare(request)
            await session.start(*within(_number(request, "width", 80), _number(request, "height", 24)))
            with suppress(ConnectionResetError):
                await session.listen()
        finally:
            self._open.discard(websocket)
            await session.stop()
        return websocket

    async def _hang_up(self, app: web.Application) -> None:
        del app
        for websocket in set(self._open):
            await websocket.close()

    async def _download(self, request: web.Request) -> web.StreamResponse:
        key = request.match_info["key"]
        try:
            meta = await self._downloads.get_download_metadata(key)
        except KeyError:
            raise web.HTTPNotFound(text="This download is over.\n") from None
        response = web.StreamResponse(
            headers={
                **HEADERS,
                hdrs.CONTENT_TYPE: "application/octet-stream",  # to be kept, never to be shown as a page of ours
                hdrs.CONTENT_DISPOSITION: f"attachment; filename*=UTF-8''{quote(meta.file_name)}",
            }
        )
        await response.prepare(request)
        async for chunk in self._downloads.download(key):
            await response.write(chunk)
        await response.write_eof()
        return response


def _number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else default


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen; `public` is the origin of the proxy before us, if there is one."""

    host: str
    port: int
    public: str | None = None


def run(command: Sequence[str], address: Address, *, sessions: int, started: Callable[[str], None]) -> None:
    """Serve the app that `command` starts until the process is told to end, to at most `sessions` pages at a time.

    `started` is told the address to open once it can be opened. Raises `SearchkitError` where the address cannot be
    had.
    """
    asyncio.run(_serve(command, address, sessions, started))


async def _serve(command: Sequence[str], address: Address, sessions: int, started: Callable[[str], None]) -> None:
    over = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(name, over.set)
    try:
        listening = socket.create_server(
            (address.host, address.port), family=socket.AF_INET6 if ":" in address.host else socket.AF_INET
        )
    except OSError as error:
        where = f"{address.host}, port {address.port}"
        raise SearchkitError(f"cannot listen on {where}: {error.strerror or error}; see --port") from None
    gate = Gate(origins_of(address.host, listening.getsockname()[1], address.public))
    runner = web.AppRunner(Served(command, gate, sessions=sessions).application(), access_log=None, shutdown_timeout=10)
    try:
        await runner.setup()
        await web.SockSite(runner, listening).start()
        started(gate.address())
        await over.wait()
    finally:
        await runner.cleanup()
