"""The floors, the types and the lint are part of the test command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [
        ["lint-imports"],
        ["mypy"],
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
    ],
    ids=" ".join,
)
def test_machine_agrees(command: list[str]) -> None:
    done = subprocess.run([str(BIN / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_statistics_load_without_the_web_or_a_database() -> None:
    program = "import sys, sipas.stats; print([m for m in ('flask', 'sqlalchemy', 'wtforms', 'pandas', 'scipy.stats') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_only_settings_reads_the_environment_and_only_terms_the_clock() -> None:
    for path in sorted((ROOT / "sipas").rglob("*.py")):
        text = path.read_text("utf-8")
        if path.name != "settings.py":
            assert "os.environ" not in text and "getenv" not in text, path
        if path.name != "terms.py":
            for clock in ("datetime.now(", "date.today(", "utcnow(", "time.time("):
                assert clock not in text, f"{path}: {clock}"


def test_sql_is_spoken_on_one_floor() -> None:
    for path in sorted((ROOT / "sipas").rglob("*.py")):
        if "store" in path.parts or "signin" in path.parts:
            continue
        names = {line.strip() for line in path.read_text("utf-8").splitlines() if line.startswith(("import sqlalchemy", "from sqlalchemy"))}
        allowed = {
            "from sqlalchemy.orm import Session",
            "from sqlalchemy.exc import OperationalError",
            "from sqlalchemy.exc import DBAPIError, OperationalError",
            "from sqlalchemy.exc import SQLAlchemyError",
        }
        assert names <= allowed, f"{path}: {names - allowed}"
