"""Typed reading of the environment; every secret also as NAME_FILE.

Raises EnvironmentFault, with the name and a hint, for a value that cannot work.
"""

from __future__ import annotations

import os
import secrets
from datetime import time
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo

from perennial.units.errors import EnvironmentFault

MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


def text(name: str, default: str) -> str:
    """`name` from the environment, or from the file that `name_FILE` names."""
    if file := os.environ.get(f"{name}_FILE"):
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise _wrong(f"{name}_FILE", file, error.strerror or "it cannot be read") from error
    return os.environ.get(name) or default


def flag(name: str) -> bool:
    return text(name, "").lower() in {"1", "true", "yes", "on"}


def zone(name: str, default: str) -> ZoneInfo:
    value = text(name, default)
    try:
        return ZoneInfo(value)
    except (ValueError, OSError, KeyError) as error:
        raise _wrong(name, value, "use a name such as Asia/Shanghai") from error


def clock(name: str, default: str) -> time:
    value = text(name, default)
    try:
        return time.fromisoformat(value)
    except ValueError as error:
        raise _wrong(name, value, "use a time of day such as 05:30") from error


def megabytes(name: str, default: int) -> int:
    """A size in whole megabytes."""
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or not 0 < int(value) < 1 << 24:
        raise _wrong(name, value, "use a number of megabytes such as 20")
    return int(value)


def _wrong(name: str, value: str, hint: str) -> EnvironmentFault:
    """Settings are read before a language is known: this sentence is English."""
    return EnvironmentFault(f"{name} is {value!r}: {hint}.", code="wrong_setting")


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


def mail_server(url: str) -> dict[str, object]:
    """Django's EMAIL_… for PERENNIAL_EMAIL_URL: smtp:// (plain, for a relay beside it),
    smtp+tls:// (STARTTLS) or smtps://, with user and password, percent-encoded, when needed."""
    if not url:
        return {}
    parts = urlsplit(url)
    if parts.scheme not in MAIL_PORTS or not parts.hostname:
        shown = f"{parts.scheme}://…"  # never the password
        raise _wrong("PERENNIAL_EMAIL_URL", shown, "use smtp+tls://user:password@host:587")
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or MAIL_PORTS[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
    }


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
        hint = "it begins with postgresql:// or sqlite:///"
        raise _wrong("PERENNIAL_DATABASE_URL", f"{parts.scheme}://…", hint)
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
