"""Nothing is forgotten: migrations, translations, and locks that cover what is declared."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from django.core.management import call_command

from perennial.web import messages

ROOT = Path(__file__).parents[1]


@pytest.mark.django_db
def test_models_and_migrations_agree():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_text_has_its_chinese(capsys: pytest.CaptureFixture[str]):
    assert messages.main(["--check"]) == 0, capsys.readouterr().out


def test_the_locks_cover_every_declared_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    declared = {
        "requirements.lock": project["project"]["dependencies"],
        "requirements-dev.lock": project["dependency-groups"]["dev"],
    }
    for lock, requirements in declared.items():
        text = (ROOT / lock).read_text(encoding="utf-8")
        locked = set(re.findall(r"^([a-z0-9.-]+)==", text, re.M))
        names = {re.split(r"[\[~>=<]", it)[0].lower().replace("_", "-") for it in requirements}
        assert names <= locked, names - locked
        assert not re.search(r"https?://|file:", text), "locks hold no addresses"
        assert text.count("--hash=sha256:") > len(locked)


def test_every_dependency_says_what_it_is_for():
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    listed = [it for it in lines if re.match(r'^  "[a-z0-9-]+[^"]*",', it) and "==" not in it]
    requirements = [it for it in listed if re.search(r'"[^"]*(~=|>=|tzdata|types-|stubs)', it)]
    assert requirements
    assert [it for it in requirements if " # " not in it] == []
