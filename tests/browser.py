"""Debian's Chromium for journeys and screenshots."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium_path() -> str | None:
    """Where Chromium is, or None: then browser tests say so and are skipped (never in CI)."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser")  # the first is the quickest
    found = (shutil.which(name) for name in names)
    return os.environ.get("PERENNIAL_CHROMIUM") or next(filter(None, found), None)


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=chromium_path(), headless=True, args=FLAGS
        )
        try:
            yield running
        finally:
            running.close()
