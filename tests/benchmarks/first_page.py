"""The first page as a phone meets it: weight and requests on the wire, time to the first answerable question, taps to the receipt.

    python tests/benchmarks/first_page.py [--runs 3] [--languages vi en km cjm ktv]

A real browser with a cold cache for each run, 400 kbit/s with 400 ms round trip, a processor four times slower. Fonts are printed apart.
Prints a table in Markdown and, with --json FILE, every run.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "journeys"))
from small_office import FULL, MANY, SHORT, Office, opened

import sipas.web

SLOW = {"offline": False, "latency": 400, "downloadThroughput": 400e3 / 8, "uploadThroughput": 400e3 / 8}
PROCESSOR = 4
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-dev-shm-usage"]
DOORS = {"short form": (SHORT, ""), "full form": (FULL, ""), "which sector": (MANY, ""), "sector chosen": (MANY, "&sector=land")}
SHOWN = {"": "", "large, contrast": "&size=large&contrast=more"}
# The moment at which the first answer can be tapped: drawn and laid out.
WATCH = """(() => {
  const look = () => {
    const one = document.querySelector(".option label, .choices a");
    if (one && one.getBoundingClientRect().height > 2 && getComputedStyle(one).visibility != "hidden") window.answerable = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})()"""


@dataclass(frozen=True)
class Weighed:
    """One opening of one page. Bytes are what the network layer received, headers included."""

    door: str
    language: str
    shown: str
    requests: int
    wire: int  # without fonts
    font: int
    seconds: float  # to the first answerable question
    taps: int  # to the receipt, everything answered; 0 where the page only leads to the form


def weigh(browser: Browser, office: Office, door: str, language: str, shown: str) -> Weighed:
    """A new profile, one page, and the way to the receipt without the brakes."""
    code, query = DOORS[door]
    context = browser.new_context(viewport={"width": 360, "height": 740}, device_scale_factor=3, is_mobile=True, has_touch=True)
    page = context.new_page()
    line = context.new_cdp_session(page)
    kinds: dict[str, str] = {}
    wire: dict[str, int] = defaultdict(int)
    line.on("Network.requestWillBeSent", lambda event: kinds.update({event["requestId"]: event["type"]}))
    line.on("Network.loadingFinished", lambda event: wire.update({event["requestId"]: int(event["encodedDataLength"])}))
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW)
    line.send("Emulation.setCPUThrottlingRate", {"rate": PROCESSOR})
    page.add_init_script(WATCH)
    page.goto(office.form(code, f"?lang={language}{SHOWN[shown]}{query}"), wait_until="networkidle", timeout=120_000)
    seconds = page.evaluate("window.answerable") / 1000
    fetched = {request: size for request, size in wire.items() if size and kinds.get(request) != "Other"}
    fonts = sum(size for request, size in fetched.items() if kinds[request] == "Font")
    line.send("Network.emulateNetworkConditions", {**SLOW, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})
    line.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    found = Weighed(door, language, shown, len(fetched), sum(fetched.values()) - fonts, fonts, seconds, taps_of(page))
    context.close()
    return found


def taps_of(page: Page) -> int:
    """Every question answered and sent: how many taps."""
    names: list[str] = page.evaluate("[...new Set([...document.querySelectorAll('input[type=radio]')].map((one) => one.name))]")
    if not names:
        return 0
    for name in names:
        page.evaluate("(id) => document.getElementById(id).labels[0].click()", f"{name}-0")
    page.locator("main form button[type=submit]").click()
    page.wait_for_selector(".receipt-code", timeout=60_000)
    return len(names) + 1


def median_of(runs: list[Weighed], figure: str) -> float:
    return statistics.median(getattr(run, figure) for run in runs)


def table(runs: list[Weighed]) -> str:
    """One line a page: medians over its runs."""
    pages: dict[tuple[str, str, str], list[Weighed]] = defaultdict(list)
    for run in runs:
        pages[run.door, run.language, run.shown].append(run)
    lines = ["| page | language | shown | requests | wire KiB | font KiB | answerable s | taps |", "|---|---|---|---|---|---|---|---|"]
    for (door, language, shown), group in pages.items():
        figures = [median_of(group, name) for name in ("requests", "wire", "font", "seconds", "taps")]
        lines.append(
            f"| {door} | {language} | {shown or 'as it is'} | {figures[0]:.0f} | {figures[1] / 1024:.1f} | {figures[2] / 1024:.1f} "
            f"| {figures[3]:.2f} | {figures[4]:.0f} |"
        )
    return "\n".join(lines)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--runs", type=int, default=3)
    ask.add_argument("--languages", nargs="+", default=["vi", "en", "km", "cjm", "ktv"])
    ask.add_argument("--json", type=Path)
    given = ask.parse_args()
    runs: list[Weighed] = []
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as office, sync_playwright() as playwright:
        browser: Any = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for language in given.languages:
            for door in DOORS:
                for shown in SHOWN if door == "short form" else [""]:
                    runs += [weigh(browser, office, door, language, shown) for _ in range(given.runs)]
        browser.close()
    print(f"# {given.runs} runs a page, load {', '.join(f'{one:.1f}' for one in os.getloadavg())}\n")
    print(table(runs))
    for font in sorted((Path(sipas.web.__file__).parent / "static" / "fonts").glob("*.woff2")):
        print(f"\n{font.name}: {font.stat().st_size / 1024:.1f} KiB, fetched by pages of its script where the phone has no font of its own")
    if given.json:
        given.json.write_text(json.dumps([asdict(run) for run in runs], indent=1))


if __name__ == "__main__":
    main()
