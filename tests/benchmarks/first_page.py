"""The first page as a phone meets it: weight and requests on the wire, time to the first answerable question, taps to the end.

    python tests/benchmarks/first_page.py [--runs 3] [--languages vi en km cjm ktv] [--beside NAME=http://host:port/path …]

A real browser with a cold cache for each run, 400 kbit/s with 400 ms round trip, a processor four times slower. Bytes and requests are
counted on the wire itself (``wire_meter.py``), whoever asked for them; fonts are printed apart. ``--beside`` measures any other form in the same
round: its questions must be radio buttons, its buttons *Gửi phiếu* and *Tiếp tục*, its last words *Cảm ơn*. Prints a table in Markdown
and, with --json FILE, every run.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "journeys"))
from office_doors import Doors
from small_office import opened
from wire_meter import Wire

import sipas.web

SLOW = {"offline": False, "latency": 400, "downloadThroughput": 400e3 / 8, "uploadThroughput": 400e3 / 8}
PROCESSOR = 4
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-dev-shm-usage"]
FORMS = ("/k short", "/k full", "/k which sector", "/k sector chosen", "/s short", "/t short", "/t typed", "ten digits typed")
COMFORT = "&size=large&contrast=more"
ENDS = re.compile("^(Gửi phiếu|Tiếp tục)$")
# The moment at which the first answer can be tapped or typed: drawn and laid out, in a question that is to be seen.
WATCH = """(() => {
  const drawn = (one) => {
    const seen = one.labels?.length && one.type == "radio" ? one.labels[0] : one, box = seen.getBoundingClientRect();
    return box.height > 2 && box.width > 2 && getComputedStyle(seen).visibility != "hidden";
  };
  const look = () => {
    if ([...document.querySelectorAll("input[type=radio], input#code, .choices a")].some(drawn)) window.answerable = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})()"""
# Tap the first answer of every question that is to be seen and has none; how many taps.
ANSWER = """() => {
  const groups = new Map();
  for (const one of document.querySelectorAll("input[type=radio]")) {
    const box = (one.labels[0] ?? one).getBoundingClientRect();
    if (box.height > 2 && box.width > 2) groups.set(one.name, [...(groups.get(one.name) ?? []), one]);
  }
  const open = [...groups.values()].filter((group) => !group.some((one) => one.checked));
  for (const group of open) group[0].click();
  return open.length;
}"""


@dataclass(frozen=True)
class Weighed:
    """One opening of one page. Bytes are those received on the wire, headers included."""

    door: str
    language: str
    requests: int
    wire: int  # without fonts
    font: int
    sent: int
    seconds: float  # to the first answerable question
    taps: int  # to the end, everything answered; 0 where the page only leads to the form


def weigh(browser: Browser, wire: Wire, door: str, language: str, path: str) -> Weighed:
    """A new profile, one page, and the way to the end without the brakes."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, device_scale_factor=3, is_mobile=True, has_touch=True)
    page = context.new_page()
    line = context.new_cdp_session(page)
    fonts = fonts_of(line)
    line.send("Network.emulateNetworkConditions", SLOW)
    line.send("Emulation.setCPUThrottlingRate", {"rate": PROCESSOR})
    page.add_init_script(WATCH)
    wire.clear()
    page.goto(wire.address + path, wait_until="networkidle", timeout=180_000)
    page.wait_for_function("window.answerable", timeout=60_000) if not page.evaluate("window.answerable") else None
    seconds = page.evaluate("window.answerable") / 1000
    down, up, requests, font = wire.down, wire.up, wire.requests, sum(fonts.values())
    line.send("Network.emulateNetworkConditions", {**SLOW, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})
    line.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    taps = taps_of(page)
    context.close()
    return Weighed(door, language, requests, down - font, font, up, seconds, taps)


def fonts_of(line: CDPSession) -> dict[str, int]:
    """Filled while a page loads: the bytes of each font."""
    kinds: dict[str, str] = {}
    found: dict[str, int] = {}

    def finished(event: dict[str, Any]) -> None:
        if kinds.get(event["requestId"]) == "Font":
            found[event["requestId"]] = int(event["encodedDataLength"])

    line.on("Network.requestWillBeSent", lambda event: kinds.update({event["requestId"]: event["type"]}))
    line.on("Network.loadingFinished", finished)
    line.send("Network.enable")
    return found


def taps_of(page: Page) -> int:
    """Every question answered and sent, screen by screen: how many taps."""
    if not page.locator("input[type=radio]").count():
        return 0
    taps = 0
    for _ in range(60):
        taps += int(page.evaluate(ANSWER))
        page.wait_for_timeout(150)
        own = page.locator("form#sheet button[type=submit]:not([formaction])").first
        (own if own.count() else page.get_by_role("button", name=ENDS).last).click()
        taps += 1
        page.wait_for_timeout(600)
        if page.locator(".receipt-code").count() or page.get_by_text("Cảm ơn").count():
            return taps
    raise SystemExit(f"{page.url}: no end was reached")


def later(browser: Browser, wire: Wire, language: str, path: str) -> Weighed:
    """What *Để về nhà trả lời* costs beyond the form that is open."""
    page = browser.new_page()
    page.goto(wire.address + path, wait_until="networkidle")
    wire.clear()
    page.locator("button[formaction]").click()
    page.wait_for_url("**/later*")
    page.wait_for_load_state("networkidle")
    page.context.close()
    return Weighed("/later, after the form", language, wire.requests, wire.down, 0, wire.up, 0, 1)


def kiosk(browser: Browser, wire: Wire, doors: Doors, folder: Path) -> Weighed:
    """The one-time install."""
    path = shutil.which("chromium")
    context = browser.browser_type.launch_persistent_context(
        folder, executable_path=path, args=FLAGS, viewport={"width": 800, "height": 1280}
    )
    wire.clear()
    doors.install(context, wire.address)
    found = Weighed("kiosk, one-time install", "all", wire.requests, wire.down, 0, wire.up, 0, 0)
    context.close()
    return found


def ours(browser: Browser, folder: Path, runs: int, languages: list[str]) -> Iterator[Weighed]:
    """Every door of a small office."""
    with opened(folder) as office:
        doors, wire = Doors(office), Wire(office.address)
        for language in languages:
            asked = f"lang={language}"
            for door in FORMS:
                for _ in range(runs):
                    path = doors.path(door)
                    yield weigh(browser, wire, door, language, f"{path}{'&' if '?' in path else '?'}{asked}")
            for _ in range(runs):
                large = f"{doors.path('/k short')}?{asked}{COMFORT}"
                yield weigh(browser, wire, "/k short, large letters, strong contrast", language, large)
                yield later(browser, wire, language, f"{doors.path('/s short')}?{asked}")
        yield kiosk(browser, wire, doors, folder / "tablet")
        wire.shutdown()


def beside(browser: Browser, runs: int, name: str, address: str) -> Iterator[Weighed]:
    """Another's form."""
    parts = urlsplit(address)
    wire = Wire(address)
    for _ in range(runs):
        yield weigh(browser, wire, name, "vi", f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}")
    wire.shutdown()


def table(runs: list[Weighed]) -> str:
    """One line a page: medians over its runs."""
    pages: dict[tuple[str, str], list[Weighed]] = defaultdict(list)
    for run in runs:
        pages[run.door, run.language].append(run)
    lines = [
        "| page | language | requests | received KiB | font KiB | sent KiB | answerable s | taps |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for (door, language), group in pages.items():
        one = {
            name: statistics.median(getattr(run, name) for run in group) for name in ("requests", "wire", "font", "sent", "seconds", "taps")
        }
        lines.append(
            f"| {door} | {language} | {one['requests']:.0f} | {one['wire'] / 1024:.1f} | {one['font'] / 1024:.1f} | {one['sent'] / 1024:.1f} "
            f"| {one['seconds']:.2f} | {one['taps']:.0f} |"
        )
    return "\n".join(lines)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--runs", type=int, default=3)
    ask.add_argument("--languages", nargs="+", default=["vi", "en", "km", "cjm", "ktv"])
    ask.add_argument("--beside", nargs="+", default=[], metavar="NAME=URL", help="forms of others, measured in the same round")
    ask.add_argument("--json", type=Path)
    given = ask.parse_args()
    runs: list[Weighed] = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser: Any = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        runs += ours(browser, Path(folder), given.runs, given.languages)
        for one in given.beside:
            runs += beside(browser, given.runs, *one.split("=", 1))
        browser.close()
    print(f"# {given.runs} runs a page, load {', '.join(f'{one:.1f}' for one in os.getloadavg())}\n")
    print(table(runs))
    for font in sorted((Path(sipas.web.__file__).parent / "static" / "fonts").glob("*.woff2")):
        print(f"\n{font.name}: {font.stat().st_size / 1024:.1f} KiB, fetched by pages of its script where the phone has no font of its own")
    if given.json:
        given.json.write_text(json.dumps([asdict(run) for run in runs], indent=1))


if __name__ == "__main__":
    main()
