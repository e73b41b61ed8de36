"""One visitor of `searchkit serve`: an app in a process of its own, as long as the page's websocket is open."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from aiohttp import WSCloseCode, WSMsgType, web
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

#: Columns and lines that a page may ask for: the app makes them all.
MOST_COLUMNS, MOST_LINES = 500, 200
#: Seconds that an app has to end of its own.
PATIENCE: Final = 3.0
#: The line with which Textual's driver for the web begins.
READY: Final = b"__GANGLION__\n"


class Session(AppService):
    """Textual's go-between of page and app, but that the app is run without a shell, watched, and surely ended."""

    def __init__(self, command: Sequence[str], websocket: web.WebSocketResponse, downloads: DownloadManager) -> None:
        super().__init__(
            " ".join(command),
            write_bytes=websocket.send_bytes,
            write_str=websocket.send_str,
            close=self._close,
            download_manager=downloads,
        )
        self._arguments = command
        self._websocket = websocket

    async def _close(self) -> None:
        await self._websocket.close()

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        environment = {
            **self._build_environment(width, height),
            "TEXTUAL_DRIVER": "searchkit.tui.serve_driver:ServedDriver",
        }
        # In a session of its own, so that ctrl+c at the server's terminal is the server's to act on.
        self._process = await asyncio.create_subprocess_exec(
            *self._arguments, stdin=PIPE, stdout=PIPE, env=environment, start_new_session=True
        )
        self._stdin = self._process.stdin
        return self._process

    async def run(self) -> None:
        """Hand on what the app says, until it ends. `start` calls this."""
        if self._process is None or self._process.stdout is None:
            return
        output = self._process.stdout
        with suppress(asyncio.IncompleteReadError, ConnectionResetError):
            while await output.readline() not in (READY, b""):
                pass
            while True:
                kind = await output.readexactly(1)
                payload = await output.readexactly(int.from_bytes(await output.readexactly(4), "big"))
                match kind:
                    case b"D":
                        await self.on_data(payload)
                    case b"M":
                        await self.on_meta(payload)
                    case b"P":
                        await self.on_packed(payload)
        await self._websocket.close()

    async def on_meta(self, data: bytes) -> None:
        """Do what the app asks of the page; it may send it to web pages only."""
        asked: dict[str, object] = json.loads(data)
        if asked["type"] != "open_url" or str(asked["url"]).startswith(("http://", "https://")):
            await super().on_meta(data)

    async def listen(self) -> None:
        """Hand on what the page says, until its websocket is closed; it may not be our page that speaks."""
        async for message in self._websocket:
            try:
                await self._take(*(json.loads(message.data) if message.type == WSMsgType.TEXT else ("",)))
            except (ValueError, TypeError, KeyError, RecursionError):
                await self._websocket.close(code=WSCloseCode.POLICY_VIOLATION)

    async def _take(self, what: str, data: object = None) -> None:
        match what, data:
            case "stdin", str():
                await self.send_bytes(data.encode("utf-8", "replace"))
            case "resize", {"width": int(width), "height": int(height)}:
                await self.set_terminal_size(*within(width, height))
            case "ping", _:
                await self._websocket.send_json(["pong", data])
            case "blur", _:
                await self.blur()
            case "focus", _:
                await self.focus()
            case _:
                raise ValueError(what)

    async def stop(self) -> None:
        """Ask the app to end, and see that it does. May be called more than once."""
        process = self._process
        if process is None:
            return
        await self._download_manager.cancel_app_downloads(app_service_id=self.app_service_id)
        await self.send_meta({"type": "quit"})
        if process.stdin is not None:
            process.stdin.close()
        for force in (signal.SIGTERM, signal.SIGKILL):
            try:
                await asyncio.wait_for(process.wait(), PATIENCE)
                break
            except TimeoutError:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, force)
        await process.wait()
        if self._task is not None:
            await self._task


def within(width: int, height: int) -> tuple[int, int]:
    """The size that a page asks for, as far as it gets it."""
    return min(max(width, 1), MOST_COLUMNS), min(max(height, 1), MOST_LINES)
