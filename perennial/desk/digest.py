"""The morning digest: what Today shows, as one short mail and one line of the inbox.

It reads through the same gates as the page, so that nothing stands in it that the reader could
not open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from perennial.desk import today as desk
from perennial.desk.changes import Move, moves
from perennial.desk.queries import visible_figures
from perennial.desk.rows import display_name
from perennial.notify import wording
from perennial.notify.actions import Letter, News, Said, in_languages
from perennial.notify.models import How, Topic
from perennial.notify.queries import Line, address
from perennial.team.access import sees_money
from perennial.team.models import Role, User
from perennial.web import formats
from perennial.work.queries import changes, queue, totals

CARDS = 5
NEAR = 5


@dataclass(frozen=True, slots=True)
class Digest:
    """What one colleague should know this morning; numbers of the own book, for leaders of all
    that they see."""

    user: User
    on: date
    stakes: desk.Stakes
    entries: Sequence[desk.Entry]
    raised: int
    resolved: int
    moves: Sequence[Move]
    renewals: Sequence[tuple[str, date, str]]  # name, due day, amount or ""
    names: frozenset[int]  # ids of every customer that stands in it

    @property
    def is_empty(self) -> bool:
        return not (self.entries or self.raised or self.resolved or self.moves or self.renewals)


def digest_of(user: User, *, on: date) -> Digest:
    """The digest of one colleague as of the end of `on`, in the language in force."""
    scope = "mine" if user.role == Role.CSM else "all"
    book = desk.book_of(user, scope)
    cards = queue(user, on=on, scope=scope, limit=CARDS)
    shown = visible_figures(user).filter(pk__in=[card.customer.pk for card in cards])
    news = changes(user, on=on, scope=scope)
    due = desk.renewals(book, on=on).select_related("customer")[:NEAR]
    money = sees_money(user)
    moved = moves(book, on=on)
    names = {it.customer.pk for it in cards} | {it.customer_id for it in moved}
    return Digest(
        user,
        on,
        desk.stakes(user, totals(user, on=on, scope=scope), on=on, scope=scope),
        desk.entries(cards, {row.pk: row for row in shown}, user),
        news.raised_count,
        len(news.resolved),
        moved,
        [
            (
                display_name(row.customer.name, row.customer.name_en),
                row.renewal_on,
                formats.money(row.renewal_amount, settings.PERENNIAL_CURRENCY)
                if money and row.renewal_amount is not None
                else "",
            )
            for row in due
            if row.renewal_on
        ],
        frozenset(names | {row.pk for row in due}),
    )


def title(digest: Digest) -> str:
    """One line: how many customers need attention, and what is at risk where money is seen."""
    count = digest.stakes.waiting
    if not count:
        return _("Nobody needs attention today")
    text = ngettext(
        "{count} customer needs attention", "{count} customers need attention", count
    ).format(count=formats.number(count))
    if digest.stakes.at_risk:
        amount = formats.money(digest.stakes.at_risk, settings.PERENNIAL_CURRENCY)
        return _("{text}, {amount} at risk").format(text=text, amount=amount)
    return text


def body(digest: Digest) -> str:
    """The first three customers, with why."""
    return "\n".join(
        _("{name}: {why}").format(name=entry.name, why=entry.top.why)
        for entry in digest.entries[:3]
    )


def news(user: User, *, on: date) -> News | None:
    """The digest as a line of the inbox; None when there is nothing to say."""
    is_empty = True

    def say() -> Said:
        nonlocal is_empty
        found = digest_of(user, on=on)
        is_empty = found.is_empty
        return Said(title(found), body(found), wording.standard(Topic.DIGEST))

    said = in_languages(say)
    if is_empty:
        return None
    return News(user, Topic.DIGEST, f"digest:{on}", said, reverse("desk:today"))


def letter(user: User, *, on: date, is_wanted: bool, waiting: Sequence[Line]) -> Letter:
    """The digest as a mail in the reader's language, with what the reader wished to hear of in
    it (`waiting`); not `is_wanted`: only that."""
    with translation.override(user.language or wording.DEFAULT_LANGUAGE):
        digest = digest_of(user, on=on) if is_wanted else None
        heading = title(digest) if digest else _("What has happened at your customers")
        context = {
            "digest": digest,
            "waiting": waiting,
            "title": heading,
            "money": sees_money(user),
            "currency": settings.PERENNIAL_CURRENCY,
            "today_url": address(reverse("desk:today")),
            "inbox_url": address(reverse("notify:inbox")),
            "wishes_url": address(reverse("notify:wishes")),
            "customer_url": address(reverse("desk:customer", args=[0])).removesuffix("0/"),
            "html_language": "zh-Hans" if formats.chinese() else "en",
            "why": wording.standard(Topic.DIGEST),
            "rule": wording.rule_of_mail(Topic.DIGEST, How.DIGEST) if is_wanted else "",
        }
        text = render_to_string("desk/digest.txt", context)
        html = render_to_string("desk/digest.html", context)
        subject = f"{formats.day(on)} · {heading}"
        also = {it.notice.customer_id for it in waiting if it.notice.customer_id is not None}
        names = tuple(sorted(also | (digest.names if digest else set())))
        return Letter(user, Topic.DIGEST, f"digest:{on}", subject, text, html, names)


def for_channel(reader: User, *, on: date) -> Said | None:
    """The digest without amounts, as a channel may show it: what `reader` sees (the team's
    leader), in the language in force; None: nothing to say."""
    found = digest_of(reader, on=on)
    if found.is_empty:
        return None
    plain = replace(found, stakes=replace(found.stakes, at_risk=None))
    return Said(title(plain), first_names(plain))


def first_names(digest: Digest) -> str:
    """The first customers with the reason alone: its sentence may hold amounts."""
    return "\n".join(f"{entry.name} · {entry.top.reason}" for entry in digest.entries)
