"""`searchkit serve` as it runs: its own process, plain HTTP and websockets, and (where Chromium is) a browser."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

import searchkit
from searchkit.tui.serve_session import within

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
#: As root in a container there is no sandbox; what Chromium does in the background is not of interest.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    for name in ("Biden", "Scholz"):
        text = f"President Joe {name} spoke of missiles for Ukraine.\n\nOlaf {name} went to Poland.\n"
        (folder / f"{name}.txt").write_text(text, "utf-8")
    searchkit.build([str(folder)], into=str(folder / "index"))
    return folder / "index"


class Server:
    """A running `searchkit serve`."""

    def __init__(self, index, *options):
        command = [sys.executable, "-m", "searchkit.cli", "serve", "--index", str(index), *options]
        environment = {**os.environ, "SEARCHKIT_NUMBA": "0", "XDG_STATE_HOME": str(index.parent / "state")}
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        self.address = self.process.stdout.readline().strip()
        self.base = self.address.partition("/?")[0]
        self.host = urlsplit(self.base).netloc

    def children(self):
        """Processes that it started and that are still there."""
        pids = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in pids]

    def stop(self, with_signal=signal.SIGTERM):
        self.process.send_signal(with_signal)
        try:
            return self.process.communicate(timeout=20)
        finally:
            self.process.kill()


@pytest.fixture(scope="module")
def server(index):
    running = Server(index, "--sessions", "2")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def cookie(server):
    """What the first visit by the printed address gives: the token is spent with it."""

    async def visit():
        async with aiohttp.ClientSession() as client, client.get(server.address, allow_redirects=False) as answer:
            assert answer.status == 303
            assert answer.headers["Location"] == "/"
            header = answer.headers["Set-Cookie"]
            assert "HttpOnly" in header
            assert "SameSite=Strict" in header
            return header.partition(";")[0]

    return asyncio.run(visit())


async def status(server, path="/", **headers):
    async with aiohttp.ClientSession() as client, client.get(server.base + path, headers=headers) as answer:
        return answer.status


async def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        await asyncio.sleep(0.05)


def test_the_address_alone_goes_to_standard_output(index):
    running = Server(index)
    assert running.address.startswith("http://127.0.0.1:")
    out, err = running.stop()
    assert out == ""
    assert "open the address" in err
    assert "token" not in err
    assert running.process.returncode == 0


def test_wrong_use_is_named():
    for options in (["--host", "0.0.0.0"], ["--tls-proxy", "http://x.example"]):  # noqa: S104 - is refused
        command = [sys.executable, "-m", "searchkit.cli", "serve", *options]
        run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert run.returncode == 2
        assert "--tls-proxy" in run.stderr


async def test_who_has_no_right_gets_403(server, cookie):
    token = server.address.partition("token=")[2]
    assert await status(server, Cookie=cookie) == 200
    assert await status(server, Cookie=cookie, Origin=server.base) == 200
    assert await status(server, "/static/js/textual.js", Cookie=cookie) == 200
    for path in ("/", "/static/js/textual.js", "/download/x", "/nothing", "/ws", "/?token=wrong", f"/?token={token}"):
        assert await status(server, path) == 403
    assert await status(server, "/?token=wrong", Cookie=cookie) == 403
    assert await status(server, f"/static/js/textual.js?token={token}", Cookie=cookie) == 403
    assert await status(server, Cookie=cookie + "x") == 403
    assert await status(server, Cookie=cookie, Origin="http://evil.example") == 403
    assert await status(server, Cookie=cookie, Host="evil.example") == 403
    assert await status(server, Cookie=cookie, Host=server.host.replace("127.0.0.1", "127.0.0.2")) == 403
    assert await status(server, "/static/", Cookie=cookie) == 403
    assert await status(server, "/static/../serve.py", Cookie=cookie) == 404
    assert await status(server, "/download/x", Cookie=cookie) == 404


async def test_the_page_may_load_nothing_from_elsewhere(server, cookie):
    async with (
        aiohttp.ClientSession() as client,
        client.get(server.base, headers={"Cookie": cookie}) as answer,
    ):
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
        text = await answer.text()
    assert f"ws://{server.host}/ws" in text
    assert "https://" not in text


async def test_a_websocket_needs_cookie_origin_and_host(server, cookie):
    right = {"Cookie": cookie, "Origin": server.base}
    async with aiohttp.ClientSession() as client:
        for change in ({"Cookie": ""}, {"Origin": "http://evil.example"}, {"Host": "evil.example"}, {"Origin": None}):
            headers = {name: value for name, value in {**right, **change}.items() if value is not None}
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await client.ws_connect(server.base + "/ws", headers=headers)
            assert refused.value.status == 403
    assert server.children() == []


async def screen_of(socket, needle):
    """What the app has sent when `needle` has come."""
    text = b""
    async with asyncio.timeout(30):
        async for message in socket:
            if message.type == aiohttp.WSMsgType.BINARY:
                text += message.data
            if needle in text:
                return text
    raise AssertionError(text)


async def test_a_session_lasts_as_long_as_its_socket_and_only_so_many_are_open(server, cookie):
    headers = {"Cookie": cookie, "Origin": server.base}
    url = server.base + "/ws?width=100&height=30"
    async with aiohttp.ClientSession() as client:
        one = await client.ws_connect(url, headers=headers)
        two = await client.ws_connect(url, headers=headers)
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await client.ws_connect(url, headers=headers)
        assert refused.value.status == 503
        await screen_of(one, b"read-only")
        await one.send_str(json.dumps(["stdin", "missiles"]))
        await screen_of(one, b"2 paragraphs")
        await one.send_str(json.dumps(["resize", {"width": 10**9, "height": 10**9}]))
        await one.send_str(json.dumps(["ping", 1]))
        await one.send_str(json.dumps(["stdin", "\x11"]))  # the app is left: the page is told by the socket's end
        async for _ in one:
            pass
        await until(lambda: len(server.children()) == 1)
        await two.close()
        await until(lambda: server.children() == [])


@pytest.mark.parametrize("message", ["x", "{}", "[]", '["stdin", 1]', '["resize", {}]', '["quit"]', "[" * 10_000])
async def test_who_does_not_speak_as_our_page_is_hung_up_on(server, cookie, message):
    headers = {"Cookie": cookie, "Origin": server.base}
    async with aiohttp.ClientSession() as client, client.ws_connect(server.base + "/ws", headers=headers) as socket:
        await socket.send_str(message)
        async for _ in socket:
            pass
        assert socket.close_code == aiohttp.WSCloseCode.POLICY_VIOLATION
    await until(lambda: server.children() == [])


@pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
async def test_no_process_is_left_behind(index, with_signal):
    running = Server(index)
    async with aiohttp.ClientSession() as client:
        async with client.get(running.address, allow_redirects=False) as answer:
            headers = {"Cookie": answer.headers["Set-Cookie"].partition(";")[0], "Origin": running.base}
        socket = await client.ws_connect(running.base + "/ws", headers=headers)
        await screen_of(socket, b"read-only")
        (child,) = running.children()
        await asyncio.to_thread(running.stop, with_signal)
        await until(lambda: not _alive(child))


def _alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_page_gets_no_more_cells_than_make_sense():
    assert within(80, 24) == (80, 24)
    assert within(10**9, 10**9) == (500, 200)
    assert within(-1, 0) == (1, 1)


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here (Debian: apt-get install chromium)")
async def test_clicking_through_in_a_browser(index, tmp_path):
    playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
    running = Server(index)
    try:
        async with playwright.async_playwright() as play:
            browser = await play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = await browser.new_page(viewport={"width": 1300, "height": 800}, accept_downloads=True)
            errors, downloads = [], []
            page.on("download", lambda each: downloads.append(each))  # noqa: PLW0108 - playwright marks its listeners
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
            received = []  # the page paints on a canvas: what it shows is read from what it is told
            page.on("websocket", lambda socket: socket.on("framereceived", lambda data: received.append(data)))  # noqa: PLW0108 - playwright marks its listeners
            await page.goto(running.address)
            assert "token" not in page.url

            async def shows(text):
                await until(lambda: text.encode() in b"".join(each for each in received if isinstance(each, bytes)))
                received.clear()

            await shows("read-only")
            await page.keyboard.type("missiles")
            await shows("2 paragraphs")
            await page.keyboard.press("Enter")
            await page.keyboard.press("1")
            await page.keyboard.press("Space")
            await shows("1 paragraph ")
            await page.keyboard.press("8")
            await page.keyboard.press("o")
            await shows("no editor is started")
            await page.keyboard.press("e")
            await shows("Export")
            await page.keyboard.press("Enter")
            await until(lambda: downloads)
            await downloads[0].save_as(tmp_path / "export.md")
            await page.screenshot(path=tmp_path / "page.png")
            assert errors == []
            await browser.close()
        assert b"President Joe Biden" in (tmp_path / "export.md").read_bytes()
        assert not (index.parent / "state").exists()
    finally:
        running.stop()
