"""Screenshots of pages: `python -m tests.screens HOME PATH … --to DIR [--user EMAIL]`
(user `-`: without logging in).

Starts the product on HOME (or uses --base URL), logs in by a one-time link and shoots each page
in both languages, both themes, at desk and phone width. `--only zh-light-1280` narrows it.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import product
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, StorageState

from tests.browser import browser

LANGUAGES = {"zh": "zh-CN", "en": "en-US"}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def log_in_address(home: str, email: str) -> str:
    """A one-time link of this user, or of the first user of the home."""
    os.environ["PERENNIAL_HOME"] = home
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perennial.config.settings")
    import django

    django.setup()
    from django.utils import timezone

    from perennial.team.actions import create_link
    from perennial.team.models import User

    users = User.objects.filter(is_active=True).order_by("pk")
    user = users.get(email=email) if email else users.first()
    return f"/link/{create_link(user, by=None, at=timezone.now())}/"


@contextmanager
def serving(home: str) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "perennial.config.asgi:application"]
    environment = {**os.environ, "PERENNIAL_HOME": home, "PERENNIAL_DEBUG": "1"}
    server = subprocess.Popen(
        [*command, "--port", str(port), "--log-level", "warning"], env=environment
    )
    base = f"http://127.0.0.1:{port}"
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{base}/log-in/", timeout=2).close()
                break
            except OSError:
                time.sleep(0.2)
        yield base
    finally:
        server.terminate()
        server.wait()


def shoot(page: Page, path: str, file: Path, *, whole: bool) -> None:
    noise: list[str] = []
    page.on("console", lambda said: noise.append(said.text) if said.type == "error" else None)
    page.goto(path, wait_until="networkidle")
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    page.screenshot(path=file, full_page=whole)
    sys.stdout.write(
        " ".join([str(file), f"TOO WIDE by {wide}" if wide > 0 else "", *noise]) + "\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("home")
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--base", default="")
    parser.add_argument("--user", default="")
    parser.add_argument("--only", default="")
    parser.add_argument("--fold", action="store_true", help="only what fits the window")
    asked = parser.parse_args()
    asked.to.mkdir(parents=True, exist_ok=True)
    link = log_in_address(asked.home, asked.user) if asked.user != "-" else "/log-in/"
    with ExitStack() as open_things:
        base = asked.base or open_things.enter_context(serving(asked.home))
        _series(open_things.enter_context(browser()), base, link, asked)


def _series(running: Browser, base: str, link: str, asked: argparse.Namespace) -> None:
    state: StorageState | None = None
    for language, theme, width in product(LANGUAGES, THEMES, (1280, 390)):
        name = f"{language}-{theme}-{width}"
        if asked.only and asked.only not in name:
            continue
        context = running.new_context(
            base_url=base,
            locale=LANGUAGES[language],
            color_scheme=theme,
            viewport={"width": width, "height": 844 if width < 600 else 860},
            storage_state=state,
        )
        page = context.new_page()
        if state is None:
            page.goto(link)
            state = context.storage_state()
        for path in asked.paths:
            slug = path.strip("/").replace("/", "_").replace("?", "_") or "root"
            shoot(page, path, asked.to / f"{slug}-{name}.png", whole=not asked.fold)
        context.close()


if __name__ == "__main__":
    main()
