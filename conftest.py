"""Fixtures that every slice's tests share."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of third-party data; skips where it is absent (CI has it)."""
    from django.conf import settings

    folder: Path = settings.PERENNIAL_SHARED_DATA
    if not folder.is_dir():
        pytest.skip("PERENNIAL_SHARED_DATA is absent")
    return folder


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    """A fresh home for every test."""
    folder = tmp_path / "home"
    folder.mkdir()
    settings.PERENNIAL_HOME = folder
    settings.STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    return folder


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended: exit code, stdout, stderr."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document of `--json`."""
        return json.loads(self.out)


@pytest.fixture
def perennial(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Outcome]]:
    """The command line in this process: `perennial("users", "list").out`."""
    from django.utils import translation

    from perennial.config import cli

    def call(*arguments: object) -> Outcome:
        capsys.readouterr()
        with translation.override(None):
            code = cli.run([str(it) for it in arguments])
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    yield call
    os.environ.pop("LANGUAGE", None)
