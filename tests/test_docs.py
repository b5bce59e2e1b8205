"""What is written is true: examples run, paths and links exist, nothing is undocumented."""

from __future__ import annotations

import doctest
import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from django.urls import resolve
from django.utils import translation

from perennial.config import cli

ROOT = Path(__file__).parents[1]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
GUIDE = ROOT / "docs" / "guide"
SETTING = re.compile(r"PERENNIAL_[A-Z_]*[A-Z]")


def commands() -> Iterator[tuple[str, click.Command]]:
    with translation.override("en"):
        group = cli.group()
        context = click.Context(group)
        for verb in group.list_commands(context):
            command = group.get_command(context, verb)
            assert command is not None
            yield verb, command


def options(command: click.Command) -> set[str]:
    inner = command.commands.values() if isinstance(command, click.Group) else [command]
    found = [it for one in inner for it in one.params if isinstance(it, click.Option)]
    return {it.opts[0] for it in found if not it.hidden} - {"--help"}


@pytest.mark.parametrize("page", ["commands.md", "commands.zh.md"])
def test_every_command_and_option_is_documented(page: str):
    text = (GUIDE / page).read_text(encoding="utf-8")
    head, *parts = re.split(r"^## ", text, flags=re.M)
    sections = {part.split()[0]: head + part for part in parts}
    for verb, command in commands():
        missing = {it for it in options(command) if f"{it}" not in sections[verb]}
        assert not missing, (verb, missing)


@pytest.mark.parametrize("page", ["settings.md", "settings.zh.md"])
def test_every_setting_is_documented_and_no_other(page: str):
    sources = [
        *(ROOT / "perennial").rglob("*.py"),
        *(ROOT / "tests").glob("*.py"),
        ROOT / "Makefile",
    ]
    read = {name for file in sources for name in SETTING.findall(file.read_text(encoding="utf-8"))}
    told = set(SETTING.findall((GUIDE / page).read_text(encoding="utf-8")))
    made_up = {"PERENNIAL_TEST", "PERENNIAL_DATABASE_URL_FILE", "PERENNIAL_TIME_ZONE_FILE"}
    assert read - made_up == told - made_up


EXAMPLES = [it for it in [*PAGES, *(ROOT / "perennial").rglob("*.py")] if ">>> " in it.read_text()]


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda it: str(it.relative_to(ROOT)))
def test_examples_give_what_they_say(file: Path):
    if file.suffix == ".md":
        found = doctest.testfile(str(file), module_relative=False)
    else:
        name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        found = doctest.testmod(importlib.import_module(name.removesuffix(".__init__")))
    assert found.attempted > 0 and found.failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda it: str(it.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path):
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)", text)
    assert [it for it in targets if not (page.parent / it).exists()] == []


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_where_is_names_paths_that_exist(page: str):
    rows = re.findall(r"^\|[^|]+\| `([^`]+)` \|$", (ROOT / page).read_text(encoding="utf-8"), re.M)
    assert len(rows) > 10
    assert [it for it in rows if not (ROOT / it).exists()] == []


@pytest.mark.parametrize("page", ["first-morning.md", "first-morning.zh.md"])
def test_the_first_morning_names_addresses_that_exist(page: str):
    text = (ROOT / "docs" / "tutorial" / page).read_text(encoding="utf-8")
    named = re.findall(r"`(/[^`]*)`", text)
    assert len(named) > 8
    for address in named:
        resolve(address.partition("?")[0])


@pytest.mark.slow
@pytest.mark.parametrize("page", ["own-files.md", "own-files.zh.md"])
def test_the_tutorial_runs_as_it_stands(page: str, tmp_path: Path):
    text = (ROOT / "docs" / "tutorial" / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)
    script = "set -e\n" + "\n".join(it for it in blocks if "perennial serve" not in it)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    outcome = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=os.environ
        | {"PATH": path, "LANG": "C.UTF-8", "DJANGO_SETTINGS_MODULE": "perennial.config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert "2026-06-30: done" in outcome.stdout
    assert re.search(r"active [1-9]", outcome.stdout), "somebody needs attention"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "language"),
    [("revenue-on-a-spreadsheet.md", "C.UTF-8"), ("revenue-on-a-spreadsheet.zh.md", "zh_CN.UTF-8")],
)
def test_the_spreadsheet_tutorial_prints_what_it_says_and_makes_no_home(
    page: str, language: str, tmp_path: Path
):
    """Each line of a `text` block stands, in order, in the output of the `sh` block before it."""
    text = (ROOT / "docs" / "tutorial" / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```(sh|text)\n(.*?)^```", text, re.M | re.S)
    absent = tmp_path / "absent"
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "LANG": language,
        "PERENNIAL_HOME": str(absent),
        "DJANGO_SETTINGS_MODULE": "perennial.config.settings",
    }
    environment.pop("LC_ALL", None)
    said: Iterator[str] = iter(())
    for kind, block in blocks:
        if kind == "sh":
            outcome = subprocess.run(
                ["bash", "-ec", block],
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert outcome.returncode == 0, outcome.stdout + outcome.stderr
            said = iter(outcome.stdout.splitlines())
        else:
            wanted = [line for line in block.splitlines() if line != "…"]
            assert [line for line in wanted if line not in said] == []
    assert not absent.exists()
