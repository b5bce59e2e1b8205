"""Who looks at the pages of the data sources, and what arrives meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.test import Client

from perennial.events.inbox.frames import Frame, pack
from perennial.events.inbox.segments import Segment
from perennial.events.models import Source
from perennial.team.models import Role, User

NOW = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)


def log_in(role: Role = Role.ADMIN, language: str = "en") -> Client:
    email = f"{role}-{language}@example.com"
    user, _ = User.objects.get_or_create(
        email=email, defaults={"name": str(role), "role": role, "language": language}
    )
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def arrive(source: Source, *bodies: str, route: str = "track", ago: int = 5) -> None:
    """Put requests into the inbox as the API does."""
    folder = Path(settings.PERENNIAL_HOME) / "inbox"
    folder.mkdir(exist_ok=True)
    segment = Segment(folder)
    received_us = int((NOW.timestamp() - ago) * 1e6)
    frames = [Frame(received_us, source.pk, route, "test", body.encode()) for body in bodies]
    segment.write(b"".join(map(pack, frames)))
    segment.seal()
