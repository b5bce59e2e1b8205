"""The drawing of the house stays true: layers, lengths, names."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PYTHON = [p for p in (ROOT / "perennial").rglob("*.py") if "migrations" not in p.parts]
TEMPLATES = list((ROOT / "perennial").rglob("templates/**/*.html"))
VAGUE = {"utils.py", "helpers.py", "common.py", "base.py", "misc.py"}


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).parent / command[0]), *command[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["lint-imports", "--no-cache"], id="the five import contracts"),
        pytest.param(["ruff", "check", "."], id="ruff check"),
        pytest.param(["ruff", "format", "--check", "."], id="ruff format"),
        pytest.param(["mypy", "."], id="mypy strict", marks=pytest.mark.slow),
    ],
)
def test_the_checkers_find_nothing(command: list[str]):
    outcome = run(*command)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_files_are_short():
    long = {str(p.relative_to(ROOT)): n for p in PYTHON if (n := lines(p)) > 300}
    assert not long, f"over 300 lines: make a folder of nouns: {long}"


def test_functions_are_short():
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in PYTHON
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= 40
    ]
    assert not long, f"over 40 lines: {long}"


def test_templates_are_short():
    long = {str(p.relative_to(ROOT)): n for p in TEMPLATES if (n := lines(p)) > 120}
    assert not long, f"over 120 lines: {long}"


def test_no_module_has_a_vague_name():
    assert not [str(p.relative_to(ROOT)) for p in PYTHON if p.name in VAGUE]


def test_every_dependency_says_what_it_is_for():
    unsaid = [
        line.strip()
        for line in (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
        if line.startswith('  "')
        and any(mark in line for mark in "~<>=")
        and "# " not in line
        and "->" not in line
    ]
    assert not unsaid


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())
