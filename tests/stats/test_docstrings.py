"""Each public name of the statistics says what it takes and gives: shapes, units, and where its formula comes from."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

STATS = Path(__file__).resolve().parents[2] / "sipas" / "stats"
FILES = sorted(path for path in STATS.rglob("*.py") if path.name != "__init__.py")


def public(tree: ast.Module) -> list[ast.FunctionDef | ast.ClassDef]:
    return [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")]


def complaints(node: ast.FunctionDef | ast.ClassDef) -> list[str]:
    told = ast.get_docstring(node) or ""
    if not told:
        return ["no docstring"]
    if isinstance(node, ast.ClassDef):
        return []
    found = []
    arguments = [argument.arg for argument in (*node.args.args, *node.args.kwonlyargs) if argument.arg not in {"self", "cls"}]
    if arguments and "Parameters\n----------" not in told:
        found.append("no Parameters")
    found += [f"{name} is not told" for name in arguments if "Parameters\n----------" in told and name not in told]
    returns_nothing = isinstance(node.returns, ast.Constant) and node.returns.value is None
    if not returns_nothing and "Returns\n-------" not in told:
        found.append("no Returns")
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(STATS)))
def test_public_functions_tell_their_arguments_and_results(path: Path) -> None:
    found = {node.name: complaints(node) for node in public(ast.parse(path.read_text("utf-8")))}
    assert {name: said for name, said in found.items() if said} == {}


def test_every_file_of_formulas_names_a_source() -> None:
    """A formula comes from somewhere: a book, an article, a section of the statistics page, or is marked as the project's own."""
    silent = []
    for path in FILES:
        text = path.read_text("utf-8")
        functions = [node for node in public(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
        if functions and not any(word in text for word in ("References\n", "Statistics page", "statistics page", "decision ", "Decision")):
            silent.append(str(path.relative_to(STATS)))
    assert silent == []
