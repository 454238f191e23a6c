"""One invented province and one server for every journey, and a real browser."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from journey_steps import FLAGS, SIPAS, Province, build, environment_of, need
from playwright.sync_api import Browser, sync_playwright


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    base = tmp_path_factory.getbasetemp()  # with several workers each has its own below the run's
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "journey-province"
    shared.mkdir(exist_ok=True)
    told = build(shared)
    own = tmp_path_factory.mktemp("province")
    shutil.copy(shared / "journey.sqlite", own)
    shutil.copytree(shared / "keys", own / "keys", copy_function=shutil.copy2)
    (own / "keys").chmod(0o700)
    environment = environment_of(own)
    server = subprocess.Popen(
        [SIPAS, "serve", "--port", "0"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    address = re.search(r"http://\S+", server.stdout.readline())[0]
    yield Province(
        address=address,
        database=own / "journey.sqlite",
        environment=environment,
        accounts=dict(re.findall(r"account (\S+) · one-time password (\S+)", told)),
        secret=re.search(r"--code (\S+)", told)[1],
    )
    server.terminate()
    server.wait(20)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = need("chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()
