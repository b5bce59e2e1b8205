"""Typed reading of the environment; every secret also as NAME_FILE."""

from __future__ import annotations

import os
import secrets
from datetime import time
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo


def text(name: str, default: str) -> str:
    """`name` from the environment, or from the file that `name_FILE` names."""
    if file := os.environ.get(f"{name}_FILE"):
        return Path(file).read_text(encoding="utf-8").strip()
    return os.environ.get(name) or default


def flag(name: str) -> bool:
    return text(name, "").lower() in {"1", "true", "yes", "on"}


def zone(name: str, default: str) -> ZoneInfo:
    """Raises ZoneInfoNotFoundError for a zone that does not exist."""
    return ZoneInfo(text(name, default))


def clock(name: str, default: str) -> time:
    return time.fromisoformat(text(name, default))


def secret_key(home: Path) -> str:
    """PERENNIAL_SECRET_KEY, or one made in the home at first start (mode 0600)."""
    if given := text("PERENNIAL_SECRET_KEY", ""):
        return given
    file = home / "secret_key"
    if not file.exists():
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = home / f"secret_key.{os.getpid()}"
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48), encoding="ascii")
        try:
            os.link(fresh, file)  # the first process wins, atomically
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return file.read_text(encoding="ascii").strip()


def database(url: str, home: Path) -> dict[str, object]:
    """Django's DATABASES entry for PERENNIAL_DATABASE_URL; empty means SQLite in the home."""
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": home / "perennial.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"
                "PRAGMA cache_size=-65536;PRAGMA temp_store=MEMORY;",
            },
        }
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return database("", home) | {"NAME": Path(unquote(parts.path))}
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError("PERENNIAL_DATABASE_URL begins with postgresql:// or sqlite:///")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }
