"""Fixtures that every slice's tests share."""

from __future__ import annotations

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
