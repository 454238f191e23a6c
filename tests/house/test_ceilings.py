"""No file above 400 lines, no function above 40, no name that says nothing."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENDINGS = (".py", ".html", ".css", ".js", ".toml", ".typ", ".sh", ".mako")
EMPTY_NAMES = {
    "manager",
    "handler",
    "helper",
    "util",
    "utils",
    "helpers",
    "data",
    "info",
    "process",
    "services",
    "models",
    "forms_",
    "routes",
}


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


SOURCES = [path for path in tracked() if path.suffix in ENDINGS and "vendor" not in path.parts]
PYTHON = [path for path in SOURCES if path.suffix == ".py"]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_file_has_at_most_400_lines(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: str(path.relative_to(ROOT)))
def test_function_has_at_most_40_lines(path: Path) -> None:
    """Counted from its first statement after the docstring: a docstring's length is no fault. Migrations list columns."""
    if "migrations" in path.parts:
        return
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = node.end_lineno - body[0].lineno + 1 if body else 0
            assert lines <= 40, f"{path.name}:{node.lineno} {node.name} has {lines} lines"


@pytest.mark.parametrize("path", [path for path in PYTHON if "sipas" in path.parts], ids=lambda path: str(path.relative_to(ROOT)))
def test_module_names_say_something(path: Path) -> None:
    assert path.stem not in EMPTY_NAMES


def test_no_path_of_a_machine_and_no_registry_in_the_tree() -> None:
    forbidden = re.compile(r"(?<![\w.])/(?:home|root|work)/\w|pypi\.org|files\.pythonhosted|registry\.npmjs|deb\.debian")
    for path in SOURCES + [path for path in tracked() if path.suffix in {".md", ".lock", ""}]:
        if path == Path(__file__) or "LICENSE" in path.name:
            continue
        assert not forbidden.search(path.read_text("utf-8", "replace")), path


def test_no_two_test_files_have_one_name() -> None:
    """Without packages pytest knows a file by its name alone, and one that comes second is not collected."""
    names = [path.name for path in PYTHON if path.name.startswith("test_") and "tests" in path.parts]
    assert sorted(name for name in set(names) if names.count(name) > 1) == []
