"""From a printed sign to the statistician's file: the whole chain, by hand and eye of a browser."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import zipfile
from pathlib import Path

import pytest
import zxingcpp
from journey_steps import SIPAS, Province, need, sign_in
from PIL import Image
from playwright.sync_api import Browser, Page

ODD = (("2", "5", "0", "1", "4", "3"), ("5", "2", "1", "0", "3", "4"), ("1", "0", "5", "4", "2", "3"))  # answers that nobody invents
ITEMS = "SELECT answers FROM response UNION ALL SELECT answers FROM open_response"


@pytest.fixture(scope="module")
def counter(province: Province) -> tuple[str, str]:
    """A counter that serves one sector, and its printed code."""
    found = province.ask(
        "SELECT c.id, k.code FROM counter c JOIN counter_code k ON k.counter_id = c.id "
        "WHERE c.sectors = 'civil_status' AND k.length = 'short' AND k.medium = 'printed' ORDER BY c.id"
    )
    return str(found[0][0]), str(found[0][1])


def printed(province: Province, counter: str, folder: Path, paper: str) -> Path:
    environment = {**province.environment, "SIPAS_PUBLIC_URL": province.address}
    done = subprocess.run(
        [SIPAS, "signs", "print", "--counter", counter, "--out", str(folder), "--paper", paper],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.pdf"))


@pytest.mark.parametrize("paper", ["A4", "A5", "tent"])
def test_the_printed_sign_leads_to_the_counters_form(province: Province, counter: tuple[str, str], tmp_path: Path, paper: str) -> None:
    pdf = printed(province, counter[0], tmp_path, paper)
    subprocess.run([need("pdftoppm"), "-r", "110", "-png", "-singlefile", pdf, tmp_path / "sign"], check=True)
    read = zxingcpp.read_barcodes(Image.open(tmp_path / "sign.png"))
    assert len(read) == (2 if paper == "tent" else 1)  # a tent is read from both sides
    assert {found.text.lower() for found in read} == {f"{province.address}/k/{counter[1]}".lower()}


def test_a_citizens_answer_is_found_once_in_the_analysts_file_and_nothing_leads_back(
    province: Province, counter: tuple[str, str], browser: Browser
) -> None:
    taken = {tuple(re.findall(r":(\d|null)", str(row[0]))) for row in province.ask(ITEMS)}
    values = next(odd for odd in ODD if odd not in taken)
    waiting = province.ask("SELECT count(*) FROM inbox")[0][0]  # other journeys answer too
    phone = browser.new_context(viewport={"width": 320, "height": 640}, has_touch=True, java_script_enabled=False)
    page = phone.new_page()
    taps, given = answer(page, f"{province.address}/K/{counter[1].upper()}", values)
    assert taps <= 9
    assert "Cảm ơn" in page.locator("h1").inner_text()
    receipt = re.sub(r"\W", "", page.locator(".receipt-code").first.inner_text())
    assert re.fullmatch(r"[0-9A-Z]{10}", receipt)
    assert {cookie["name"] for cookie in phone.cookies()} <= {"ks_seen"}  # the same word for everybody who answered
    phone.close()

    assert province.ask("SELECT count(*) FROM inbox")[0][0] == waiting + 1
    province.command("seal")
    assert province.ask("SELECT count(*) FROM inbox")[0][0] == 0

    rows, everything = analysts_files(province, browser)
    assert count_vector(rows, given) == 1
    assert not {name for name in rows[0] if re.search(r"day|time|date|order|receipt|week|counter$|id$|comment", name)}
    for secret in (receipt, f"{receipt[:5]}-{receipt[5:]}"):
        assert secret.encode() not in everything


def answer(page: Page, address: str, values: tuple[str, ...]) -> tuple[int, dict[str, str]]:
    """Answer the short form with taps, scripts off: the fields are read from the page's text. How many taps it took, and what was said."""
    page.goto(address)
    text = page.content()
    names = list(
        dict.fromkeys(re.findall(r'<input[^>]*\bname="(\w+)"[^>]*\btype="radio"|<input[^>]*\btype="radio"[^>]*\bname="(\w+)"', text))
    )
    names = [first or second for first, second in names]
    items = [name for name in names if name not in {"stage", "respondent"}]
    wanted = {"stage": "on_time", "respondent": "citizen", **dict(zip(items, values, strict=True))}
    for name, value in wanted.items():
        chosen = page.locator(f'input[name="{name}"][value="{value}"]')
        page.locator(f'label[for="{chosen.get_attribute("id")}"]').first.tap()
        assert chosen.is_checked()
    with page.expect_navigation():
        page.locator("main form button").last.tap()
    return len(wanted) + 1, {name: wanted[name] for name in items}


def analysts_files(province: Province, browser: Browser) -> tuple[list[dict[str, str]], bytes]:
    """The micro-data as the analyst downloads it, and every byte of the bundle."""
    room = browser.new_context(accept_downloads=True, java_script_enabled=False)
    page = room.new_page()
    sign_in(page, province, "phantich@demo.local")
    page.goto(f"{province.address}/officials/downloads")
    files = {}
    for what in ("microdata", "bundle"):
        reply = page.request.get(f"{province.address}/officials/downloads/data/{what}/csv", timeout=180_000)
        assert reply.status == 200, reply.text()[:300]
        files[what] = reply.body()
    room.close()
    with zipfile.ZipFile(io.BytesIO(files["bundle"])) as bundle:
        everything = b"".join(bundle.read(name) for name in bundle.namelist())
    return list(csv.DictReader(io.StringIO(files["microdata"].decode("utf-8-sig")))), everything + files["microdata"]


def count_vector(rows: list[dict[str, str]], given: dict[str, str]) -> int:
    """Rows that show exactly these answers and no other."""
    columns = list(rows[0])[list(rows[0]).index("weight") + 1 :]
    return sum(given == {name: row[name] for name in columns if row[name] not in {"99", ""}} for row in rows)
