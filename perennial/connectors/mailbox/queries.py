"""Whose mail it is, which customer it speaks to, and what waits in quarantine."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import Lower
from django.http import Http404

from perennial.connectors.mailbox.letter import Letter
from perennial.connectors.mailbox.models import HeldMail
from perennial.customers.models import Customer, Person
from perennial.customers.queries import visible_customers, visible_records
from perennial.team.access import Page, can
from perennial.team.models import InstallationFact, SecretLink, User
from perennial.team.secret_links import living, open_link

STATE = "mailbox"


@dataclass(frozen=True, slots=True)
class Match:
    """Who at which customers a mail goes to or comes from."""

    customers: tuple[Customer, ...]
    person: Person | None


def is_set_up() -> bool:
    return bool(settings.PERENNIAL_IMAP_URL and settings.PERENNIAL_IMAP_ADDRESS)


def secret_address(token: str) -> str:
    """log@host → log+token@host."""
    local, _at, domain = settings.PERENNIAL_IMAP_ADDRESS.rpartition("@")
    return f"{local}+{token}@{domain}"


def owner_of(letter: Letter, *, at: datetime) -> User | None:
    """Whose secret address the mail was sent to; None: nobody's."""
    local, _at, domain = settings.PERENNIAL_IMAP_ADDRESS.rpartition("@")
    pattern = rf"{re.escape(local)}\+([A-Za-z0-9_-]{{16,64}})@{re.escape(domain)}"
    tokens = dict.fromkeys(re.findall(pattern, letter.envelope, re.IGNORECASE))
    for token in list(tokens)[:5]:
        link = open_link(SecretLink.Kind.MAILBOX, token, at=at)
        if link is not None and can(link.user, Page.EDIT_CUSTOMERS):
            return link.user
    return None


def link_of(user: User, *, at: datetime) -> SecretLink | None:
    """The user's living secret address; its token is known to nobody any more."""
    return living(SecretLink.Kind.MAILBOX, at=at).filter(user=user).first()


def match(user: User, letter: Letter) -> Match:
    """The customers in the user's reach whose people the mail names, as survivors."""
    return found_by(user, _others(user, letter.addresses))


def found_by(user: User, addresses: Collection[str]) -> Match:
    seen = visible_records(user)
    people = list(
        Person.objects.filter(customer__in=seen)
        .annotate(address=Lower("email"))
        .filter(address__in=[it for it in addresses if it])
        .select_related("customer__merged_into")
        .order_by("to_on", "pk")
    )
    here = [it for it in people if it.to_on is None] or people  # who left counts only if all did
    customers = {it.customer.pk: it for it in here}
    survivors = tuple(it.customer for it in customers.values())
    return Match(survivors, here[0] if len(customers) == 1 and len(here) == 1 else None)


def _others(user: User, addresses: Collection[str]) -> list[str]:
    """Without colleagues' addresses and our own."""
    ours = User.objects.annotate(address=Lower("email")).values_list("address", flat=True)
    own = {*ours.filter(address__in=addresses), user.email.lower()}
    local, _at, domain = settings.PERENNIAL_IMAP_ADDRESS.lower().rpartition("@")
    return [
        it
        for it in addresses
        if it not in own
        and not (it.endswith(f"@{domain}") and it.startswith((f"{local}+", f"{local}@")))
    ]


def waiting(user: User) -> QuerySet[HeldMail]:
    """The gate: administrators see every held mail, others those sent to their own address; of
    the customers it may belong to each sees the own ones."""
    rows = HeldMail.objects.filter(decided_at__isnull=True).select_related("user")
    mine = rows if can(user, Page.SETTINGS) else rows.filter(user=user)
    seen = Prefetch("candidates", queryset=visible_customers(user).order_by("name"))
    return mine.prefetch_related(seen).order_by("-held_at", "-pk")


def held_for(user: User, pk: int) -> HeldMail:
    """One held mail in reach, or Http404."""
    reach = Q() if can(user, Page.SETTINGS) else Q(user=user)
    found = HeldMail.objects.filter(reach, pk=pk).select_related("user").first()
    if found is None:
        raise Http404
    return found


def state() -> dict[str, str]:
    """How the last look went: `looked_at`, and `failed_since` with `error` while it fails."""
    fact = InstallationFact.objects.filter(name=STATE).first()
    return dict(fact.value) if fact else {}
