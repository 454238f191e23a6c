"""What every journey takes: the invented province, signing in, and saying loudly when a tool is missing."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page

SIPAS = str(Path(sys.executable).with_name("sipas"))
SHEETS = "10000"
PASSWORD = "mat khau dai va kho doan 2026"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",  # a small /dev/shm, as containers have, stops a page in the middle
]


def need(tool: str) -> str:
    """The tool's path; without it the test is skipped by name, or fails where all tools were promised."""
    if found := shutil.which(tool):
        return found
    message = f"{tool} is missing: install Debian's package (chromium, poppler-utils) to run this journey"
    if os.environ.get("SIPAS_ALL_TOOLS"):
        pytest.fail(message)
    pytest.skip(message)


@dataclass(frozen=True)
class Province:
    """A demonstration that is being served: where, and who signs in."""

    address: str
    database: Path
    environment: dict[str, str]
    accounts: dict[str, str]  # account → one-time password
    secret: str  # of the analyst's one-time codes

    def ask(self, query: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.database) as connection:
            return connection.execute(query).fetchall()

    def command(self, *words: str) -> str:
        done = subprocess.run([SIPAS, *words], env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def build(folder: Path) -> str:
    """The demonstration's database, made once for all workers; what the command printed."""
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        told = folder / "told.txt"
        if not told.exists():
            environment = environment_of(folder)
            done = subprocess.run([SIPAS, "demo", "--sheets", SHEETS], env=environment, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
            told.write_text(done.stdout)
        return told.read_text()


def environment_of(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "SIPAS_DATABASE": f"sqlite:///{folder}/journey.sqlite",
        "SIPAS_KEYS": f"{folder}/keys",
        "SIPAS_DEMO": "1",
        "SIPAS_AUTHORITY": "Sở Nội vụ thành phố Đà Nẵng (minh họa)",
        "SIPAS_CONTACT_PHONE": "0236 1022",
        "SIPAS_CONTACT_ADDRESS": "Trung tâm Phục vụ hành chính công thành phố",
    }


def one_time_code(province: Province) -> str:
    """A code that has not been used: the next thirty seconds may have to begin first."""
    return province.command("demo", "--code", province.secret).strip()


def sign_in(page: Page, province: Province, account: str) -> None:
    """Through the pages, with the one-time password, a password of one's own after it, and the analyst's code."""
    page.goto(f"{province.address}/officials/sign-in")
    for password in (PASSWORD, province.accounts[account]):
        page.fill("[name=account]", account)
        page.fill("[name=password]", password)
        press(page)
        if "sign-in" not in page.url:
            break
    if page.locator("[name=code]").count():
        for _ in range(8):
            page.fill("[name=code]", one_time_code(province))
            press(page)
            if not page.locator("[name=code]").count():
                break
            time.sleep(5)
    if page.locator("[name=again]").count():
        page.fill("[name=old]", password)
        page.fill("[name=new]", PASSWORD)
        page.fill("[name=again]", PASSWORD)
        press(page)
    assert page.url.rstrip("/").endswith("/officials"), page.url


def press(page: Page, what: str = "main form button") -> None:
    """Press what leads to another page, and stand on that: a click alone may return before it."""
    with page.expect_navigation():
        page.click(what)
