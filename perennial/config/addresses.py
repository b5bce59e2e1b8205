"""Where this installation is reached: for links that commands print."""

from __future__ import annotations

from django.urls import reverse

from perennial.team.models import InstallationFact

DEFAULT = "http://127.0.0.1:8000"


def remember(address: str) -> None:
    """`serve` notes where it listens."""
    InstallationFact.objects.update_or_create(name="address", defaults={"value": address})


def base() -> str:
    fact = InstallationFact.objects.filter(name="address").first()
    return str(fact.value) if fact else DEFAULT


def link_address(token: str) -> str:
    """The full address of a one-time link."""
    return base() + reverse("team:link", args=[token])
