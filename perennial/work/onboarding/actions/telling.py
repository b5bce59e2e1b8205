"""Who is told of handovers. The receiver may not see the customer yet, so that the line names it
without amounts, and stands outside the customer's own gate."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from perennial.customers.queries import visible_customer
from perennial.notify.actions import News, Said, in_languages, tell
from perennial.notify.models import Topic
from perennial.team.access import Page, can
from perennial.team.models import User
from perennial.web.formats import named
from perennial.work.models import Handover


def tell_offered(handover: Handover, *, at: datetime) -> None:
    """The receiver, or everybody of the receiving team who may answer."""
    readers = [handover.to_user] if handover.to_user else []
    if not readers and handover.to_team:
        members = User.objects.filter(team=handover.to_team, is_active=True)
        readers = [it for it in members if can(it, Page.EDIT_CUSTOMERS)]
    giver = handover.from_user.name if handover.from_user else handover.from_name

    def said() -> Said:
        params = {"customer": _name(handover), "giver": giver or "–"}
        return Said(
            _("Handover of %(customer)s") % params,
            _("%(giver)s hands it over to you: read it, then accept or return it.") % params,
            _("You or your team are named as the receiver."),
        )

    _tell(handover, readers, f"handover-offered-{handover.pk}-{handover.version}", said, at=at)


def tell_decided(handover: Handover, *, at: datetime) -> None:
    """Who gave it."""
    if handover.from_user is None or handover.from_user_id == handover.decided_by_id:
        return
    who = handover.decided_by.name if handover.decided_by else "–"

    def said() -> Said:
        params = {"customer": _name(handover), "who": who}
        if handover.state == Handover.State.ACCEPTED:
            return Said(
                _("Handover of %(customer)s accepted") % params,
                _("%(who)s looks after the customer from now on.") % params,
                _("You handed it over."),
            )
        return Said(
            _("Handover of %(customer)s returned") % params,
            handover.returned_reason,
            _("You handed it over."),
        )

    key = f"handover-decided-{handover.pk}-{handover.version}"
    _tell(handover, [handover.from_user], key, said, at=at)


def tell_book(giver: User, *, to_user: User, count: int, at: datetime) -> None:
    """One line for a whole book."""

    def said() -> Said:
        params = {"giver": giver.name, "count": count}
        return Said(
            _("%(giver)s hands %(count)s customers over to you") % params,
            _("Read each of them, then accept or return it."),
            _("You or your team are named as the receiver."),
        )

    key = f"book-{giver.pk}-{to_user.pk}-{at.isoformat()}"[:100]
    url = reverse("onboarding:handovers") + "?who=to_me"
    tell([News(to_user, Topic.HANDOVER, key, in_languages(said), url)], at=at)


def _name(handover: Handover) -> str:
    return named(handover.customer.name, handover.customer.name_en)


def _tell(
    handover: Handover,
    readers: Iterable[User],
    key: str,
    said: Callable[[], Said],
    *,
    at: datetime,
) -> None:
    url = reverse("onboarding:handover", args=[handover.pk])
    told = in_languages(said)
    tell(
        [
            News(
                reader,
                Topic.HANDOVER,
                key,
                told,
                url,
                customer_id=handover.customer_id
                if visible_customer(reader, handover.customer).exists()
                else None,
            )
            for reader in readers
        ],
        at=at,
    )
