"""INT-2: what proves a claim is compared in constant time, everywhere a claim comes from outside."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

SIPAS = Path(__file__).resolve().parents[2] / "sipas"
PROOF = re.compile(r"mac$|_mac\b|digest|secret|_proof\b|signature|token$|password$", re.IGNORECASE)
LENGTHS = re.compile(r"^len\(|_LENGTH|\.LENGTH|DIGITS")
FILES = [path for folder in ("evidence", "minting", "web") for path in sorted((SIPAS / folder).rglob("*.py"))]


def careless(source: str) -> list[str]:
    """Comparisons by == or != in which something that proves takes part."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Compare) or not any(isinstance(one, ast.Eq | ast.NotEq) for one in node.ops):
            continue
        sides = [ast.unparse(side) for side in (node.left, *node.comparators)]
        if any(PROOF.search(side) for side in sides) and not any(LENGTHS.search(side) for side in sides):
            found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SIPAS)))
def test_nothing_that_proves_is_compared_by_its_equality(path: Path) -> None:
    assert careless(path.read_text("utf-8")) == []


def test_the_search_finds_what_it_is_for() -> None:
    assert careless("if text[16:] == _mac(key, text): pass") == ["text[16:] == _mac(key, text)"]
    assert careless("ok = kept.secret_h != hashed") == ["kept.secret_h != hashed"]
    assert careless("ok = len(token) == 28 and hmac.compare_digest(a, mac)") == []
