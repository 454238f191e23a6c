"""A tablet in a real browser, and a road to the server that can be cut or taken over by a captive portal."""

from __future__ import annotations

import http.client
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from journey_steps import FLAGS, Province, need
from playwright.sync_api import Browser, BrowserContext, Page, expect

PORTAL = "<!doctype html><title>Wi-Fi</title><h1>Mời đăng nhập Wi-Fi</h1>".encode()
COUNTER = "1"
AXE = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
PICTURES = os.environ.get("SIPAS_PICTURES")


class Carrier(BaseHTTPRequestHandler):
    """One request on its way, as the road's state has it."""

    protocol_version = "HTTP/1.0"
    server: Road

    def do_GET(self) -> None:
        road, length = self.server, int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length) if length else None
        if road.state == "cut":
            self.close_connection = True
            return
        answers = body is not None and self.path.endswith("/envelopes")
        blocked = {"portal": True, "half": answers, "files": "/kiosk/app/" in self.path}
        if blocked.get(road.state):
            road.portal_answers += 1
            self._tell(200, [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "max-age=3600")], PORTAL)
            return
        if road.state in {"moved", "sick"}:
            self._tell(302 if road.state == "moved" else 503, [("Location", "https://wifi.example/login")], PORTAL)
            return
        if road.state == "forged" and answers:
            road.portal_answers += 1
            self._tell(201, [("Content-Type", "application/json")], forged(body))
            return
        onward = http.client.HTTPConnection(road.target, timeout=30)
        onward.request(self.command, self.path, body, dict(self.headers.items()))
        reply = onward.getresponse()
        content = reply.read()
        road.carried += len(content)
        self._tell(reply.status, [pair for pair in reply.getheaders() if pair[0] not in {"Connection", "Transfer-Encoding"}], content)

    do_POST = do_GET  # noqa: N815 -- http.server's own naming

    def _tell(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name != "Content-Length":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def forged(body: bytes) -> bytes:
    """The word of somebody who is not the server: everything is stored."""
    acks = [{"iid": one["iid"], "status": "stored", "receipt": "", "sig": "A" * 86} for one in json.loads(body)["envelopes"]]
    return json.dumps({"acks": acks}).encode()


class Road(ThreadingHTTPServer):
    """A server of its own before the real one, and what becomes of a request on its way.

    ``through`` · ``cut`` · ``portal``: 200 to everything · ``half``, ``files``: a portal in the way of answers or of files alone · ``moved``: a
    portal that sends elsewhere · ``forged``: 201 by a stranger · ``sick``: a server that cannot.
    """

    daemon_threads = True

    def __init__(self, address: str) -> None:
        super().__init__(("127.0.0.1", 0), Carrier)
        self.state = "through"
        self.target = urlsplit(address).netloc
        self.carried = 0  # bytes of answers, headers not counted
        self.portal_answers = 0
        self.address = f"http://127.0.0.1:{self.server_port}"
        Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_: object) -> None:
        """A browser that is closed in the middle is nothing to complain about."""


@contextmanager
def tablet(
    browser: Browser, profile: Path, road: Road, *, promised: bool = True, wide: bool = False, flags: Sequence[str] = ()
) -> Iterator[Page]:
    """The kiosk's page in a browser with a profile of its own, which outlives the browser."""
    size = {"width": 1024, "height": 768} if wide else {"width": 800, "height": 1280}
    context = browser.browser_type.launch_persistent_context(
        profile, executable_path=need("chromium"), args=[*FLAGS, *flags], viewport=size
    )
    page = context.pages[0]
    if promised:
        promise(context, page, road)
    page.clock.install()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Content Security Policy" in message.text else None)
    page.goto(f"{road.address}/kiosk/")
    yield page
    context.close()
    assert refused == []


def promise(context: BrowserContext, page: Page, road: Road) -> None:
    """Let the browser promise to keep what is stored, as an installed page on a tablet is promised."""
    order = {"origin": road.address, "permissions": ["durableStorage"]}
    context.new_cdp_session(page).send("Browser.grantPermissions", order)


def pair(page: Page, province: Province, *words: str) -> str:
    """Add a kiosk and pair the tablet with it; the kiosk's code."""
    told = province.command("kiosks", "add", "--counter", COUNTER, *words)
    page.fill("#code", re.search(r"Pairing code: (\S+)", told)[1].lower())
    page.get_by_role("button", name="Ghép máy").click()
    page.get_by_role("heading", name="Mời Ông/Bà cho ý kiến về lần phục vụ này").wait_for()
    page.evaluate("async () => { await navigator.serviceWorker.ready }")
    return re.search(r"Kiosk (\S+) added", told)[1]


def fill(page: Page, *, levels: str = "45543") -> None:
    """Touch through to the screen with the button *Gửi phiếu*."""
    page.locator(".list .choice").first.click()
    page.locator(".list .choice").first.click()
    touch = iter(levels * 2)
    while not page.locator("#send").count():
        page.locator(f".scale .choice[data-value='{next(touch)}']").click()


def thanked(page: Page, words: str = "Cảm ơn Ông/Bà, phiếu đã được nhận") -> None:
    """Press *Gửi phiếu*, twenty seconds after the last one at the earliest."""
    page.clock.fast_forward(21_000)
    page.locator("#send:not([disabled])").click()
    page.get_by_role("heading", name=words).wait_for()


def send(page: Page) -> None:
    """Send what was filled in, and go back to the poster."""
    thanked(page)
    page.get_by_role("button", name="Xong").click()
    page.locator("#pending").wait_for()


def kept(page: Page) -> str:
    """Everything that the page could find again: its document, every store, every cache, every address."""
    return str(
        page.evaluate(
            """async () => {
              const found = [document.documentElement.outerHTML, location.href, document.cookie, JSON.stringify({...localStorage, ...sessionStorage})];
              for (const { name } of await indexedDB.databases()) {
                const base = await new Promise((done) => { const asked = indexedDB.open(name); asked.onsuccess = () => done(asked.result) });
                for (const store of base.objectStoreNames) {
                  const asked = base.transaction(store).objectStore(store).getAll();
                  found.push(JSON.stringify(await new Promise((done) => { asked.onsuccess = () => done(asked.result) })));
                }
                base.close();
              }
              for (const name of await caches.keys()) {
                const cache = await caches.open(name);
                found.push(...(await cache.keys()).map((request) => request.url));
              }
              return found.join("\\n");
            }"""
        )
    )


def waiting(page: Page, count: int) -> None:
    words = f"{count} phiếu đang chờ gửi" if count else "Không còn phiếu nào chờ gửi"
    expect(page.locator("#pending")).to_have_text(words)


def met_the_portal(page: Page, road: Road, *, since: int) -> None:
    """Wait until the portal has answered once more, however slow the machine; then let the page make of it what it will."""
    for _ in range(200):
        if road.portal_answers > since:
            page.wait_for_timeout(1_000)
            return
        page.wait_for_timeout(100)
    raise AssertionError("nothing asked the portal")


def try_to_send(page: Page) -> None:
    """Let the longest pause between two attempts pass."""
    page.clock.fast_forward(601_000)


def tries_until(page: Page, wish: Callable[[float], None]) -> None:
    """Attempts until something comes true: where a slow machine is still at one when the clock is put on, that one counts as a dead line."""
    for _ in range(5):
        try_to_send(page)
        with suppress(AssertionError):
            return wish(5_000)
    return wish(5_000)


def all_sent(page: Page) -> None:
    """Attempts until no answer waits any more."""
    tries_until(page, lambda time: expect(page.locator("#pending")).to_have_text("Không còn phiếu nào chờ gửi", timeout=time))


def found_in(folder: Path, words: str) -> list[str]:
    """Files that hold the words, in either of the spellings that browsers store."""
    spellings = (words.encode(), words.encode("utf-16-le"))
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if any(spelling in path.read_bytes() for spelling in spellings)]


def look(page: Page, name: str) -> None:
    """Axe finds nothing, nobody has to scroll at a tablet, nothing is wider than a screen, and a picture is taken where one is wanted."""
    found = Axe().run(page, options=AXE)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/kiosk-{name}.png")
    if page.viewport_size["width"] >= 800:
        over = page.evaluate("document.documentElement.scrollHeight - innerHeight")
        assert over <= 0, f"{name}: {over} pixels lie below the screen"
