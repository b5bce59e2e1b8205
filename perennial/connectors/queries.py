"""Imports through their gate: administrators only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext

from perennial.connectors.models import Import, SavedMapping
from perennial.connectors.plan import shape_of
from perennial.team.access import Page, can
from perennial.team.models import User


def visible_imports(user: User) -> QuerySet[Import]:
    """Every import, newest first, for those who may import; nothing for others."""
    if not can(user, Page.IMPORTS):
        return Import.objects.none()
    return Import.objects.select_related("by").order_by("-created_at", "-pk")


def import_for(user: User, pk: int) -> Import:
    """One import, or Http404."""
    found = visible_imports(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def saved_mapping(kind: str, columns: tuple[str, ...]) -> SavedMapping | None:
    """How a file of this shape was mapped last time."""
    return SavedMapping.objects.filter(kind=kind, shape=shape_of(columns)).first()


@dataclass(frozen=True, slots=True)
class Said:
    """A kept sentence in the reader's language, with its place in the file."""

    text: str
    row: int | None = None
    column: str | None = None


def sentences(kept: list[Mapping[str, Any]]) -> list[Said]:
    """Notices or errors of an Import, translated now."""
    return [_said(it["message"], it) for it in kept]


def _said(message: str, kept: Mapping[str, Any]) -> Said:
    text = gettext(message).format_map(kept["params"]) if message else ""
    return Said(text, kept.get("row"), kept.get("column"))
