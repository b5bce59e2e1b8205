"""A plan shown to its customer: the link, what the customer says and ticks, who is told."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from perennial.customers.models import About, Comment
from perennial.notify.actions import News, Said, in_languages, tell
from perennial.notify.models import Topic
from perennial.team.audit import record
from perennial.team.models import AuditEntry, SecretLink, User
from perennial.team.secret_links import Made, make_link, open_link, revoke_link
from perennial.units.errors import InputRefused
from perennial.units.moment import business_day
from perennial.work.models import Plan, PlanAction
from perennial.work.plans.actions.changing import change

LONGEST_DAYS: Final = 365
USUAL_DAYS: Final = 30
NAME_LETTERS, TEXT_LETTERS, NOTE_LETTERS = 80, 2000, 500
MOST_SAID, SAID_IN = 20, timedelta(hours=1)
LANGUAGES: Final = ("zh-hans", "en")


@dataclass(frozen=True, slots=True)
class Opened:
    """A plan that a link opens now, and what the link allows."""

    plan: Plan
    link: SecretLink

    @property
    def language(self) -> str:
        return str(self.link.options.get("language", LANGUAGES[0]))

    @property
    def comments(self) -> bool:
        return bool(self.link.options.get("comments"))

    @property
    def note(self) -> str:
        return str(self.link.options.get("note", ""))


@transaction.atomic
def share(
    plan: Plan,
    *,
    comments: bool,
    language: str,
    days: int,
    note: str,
    confirmed: str,
    by: User,
    at: datetime,
) -> Made:
    """A link for the customer. `confirmed` is the customer's name, typed. Raises InputRefused."""
    if confirmed.strip() not in {plan.customer.name, plan.customer.name_en} - {""}:
        raise InputRefused(
            gettext_noop("Type the customer's name as it stands here: {name}"),
            column="confirmed",
            params={"name": plan.customer.name},
        )
    if not 1 <= days <= LONGEST_DAYS:
        raise InputRefused(
            gettext_noop("A link lasts 1 to {most} days."),
            column="days",
            params={"most": str(LONGEST_DAYS)},
        )
    if language not in LANGUAGES:
        raise InputRefused(gettext_noop("Choose one of the values."), column="language")
    options: dict[str, Any] = {"comments": comments, "language": language}
    options["note"] = note.strip()[:NOTE_LETTERS]
    found = make_link(
        SecretLink.Kind.PLAN,
        object_id=plan.pk,
        options=options,
        expires_at=at + timedelta(days=days),
        by=by,
        at=at,
    )
    _line(plan, "plan.shared", {"link": found.link.pk, **options, "days": days}, by=by, at=at)
    return found


@transaction.atomic
def revoke(plan: Plan, *, link: SecretLink, by: User, at: datetime) -> None:
    """The link opens nothing from now on."""
    if not revoke_link(link, by=by, at=at):
        raise InputRefused(gettext_noop("This link had ended already."))
    _line(plan, "plan.unshared", {"link": link.pk}, by=by, at=at)


def opened(token: str, *, at: datetime, counts: bool = True) -> Opened | None:
    """What a token opens now; None: wrong, expired or revoked, which nobody is told."""
    link = open_link(SecretLink.Kind.PLAN, token, at=at, counts=counts)
    if link is None:
        return None
    plans = Plan.objects.select_related("customer__owner", "customer__merged_into__owner", "owner")
    plan = plans.filter(pk=link.object_id).first()
    return None if plan is None else Opened(plan, link)


@transaction.atomic
def say(shared: Opened, *, name: str, text: str, at: datetime) -> Comment:
    """A remark of the customer's; those who answer for it are told. Raises InputRefused."""
    _must_allow(shared)
    name, text = (
        _clean(name, most=NAME_LETTERS, column="name"),
        _clean(text, most=TEXT_LETTERS, column="text"),
    )
    said = Comment.objects.filter(about_type=About.PLAN, about_id=shared.plan.pk, by=None)
    if said.filter(at__gt=at - SAID_IN).count() >= MOST_SAID:
        raise InputRefused(
            gettext_noop("That was a lot at once: wait an hour, or call us."), code="too_many"
        )
    comment = _comment(shared.plan, author=name, text=text, by=None, at=at)
    detail = {"link": shared.link.pk, "author": name}
    _line(shared.plan, "plan.customer_said", detail, by=None, at=at)
    title = gettext_noop("%(who)s of %(customer)s wrote on the plan “%(plan)s”")
    _tell(shared, f"plan-said-{comment.pk}", title, who=name, body=text[:300], at=at)
    return comment


@transaction.atomic
def answer(plan: Plan, *, text: str, by: User, at: datetime) -> Comment:
    """Our answer, which the customer sees at its link."""
    comment = _comment(
        plan, author=by.name, text=_clean(text, most=TEXT_LETTERS, column="text"), by=by, at=at
    )
    _line(plan, "plan.answered", {"comment": comment.pk}, by=by, at=at)
    return comment


@transaction.atomic
def tick(shared: Opened, *, action: PlanAction, at: datetime) -> AuditEntry:
    """The customer has done its part. Raises InputRefused; we can undo it."""
    _must_allow(shared)
    ours = action.side != PlanAction.Side.THEIRS or not action.is_shared
    if ours or action.plan_id != shared.plan.pk or action.done_on is not None:
        raise InputRefused(gettext_noop("This is done already."))
    today = business_day(at, settings.PERENNIAL_TIME_ZONE)
    entry = change(
        action,
        values={"done_on": today, "done_by": shared.plan.customer.name[:100]},
        version=action.version,
        code="plan.action_done",
        by=None,
        at=at,
        note="shared",
    )
    title = gettext_noop("%(who)s has done its part in the plan “%(plan)s”")
    key = f"plan-ticked-{entry.pk}"
    _tell(shared, key, title, who=shared.plan.customer.name, body=action.title, at=at)
    return entry


def _comment(plan: Plan, *, author: str, text: str, by: User | None, at: datetime) -> Comment:
    return Comment.objects.create(
        customer=plan.customer,
        about_type=About.PLAN,
        about_id=plan.pk,
        author=author[:100],
        text=text,
        by=by,
        at=at,
    )


def _must_allow(shared: Opened) -> None:
    if not shared.comments:
        raise InputRefused(gettext_noop("This link is for reading only."))


def _clean(text: str, *, most: int, column: str) -> str:
    """Plain text of a bounded length: no control characters but line breaks and tabs."""
    kept = "".join(
        it for it in text.replace("\r\n", "\n") if it in "\n\t" or unicodedata.category(it) != "Cc"
    ).strip()
    if not kept:
        raise InputRefused(gettext_noop("Something is missing here."), column=column)
    if len(kept) > most:
        raise InputRefused(
            gettext_noop("It has at most {most} letters."),
            column=column,
            params={"most": str(most)},
        )
    return kept


def _tell(shared: Opened, key: str, title: str, *, who: str, body: str, at: datetime) -> None:
    """The owner of the plan or else the CSM, and who made the link."""
    plan = shared.plan
    words = {"who": who, "customer": plan.customer.name, "plan": plan.title}
    said = in_languages(lambda: Said(_(title) % words, body))
    tell(
        [
            News(
                user,
                Topic.SHARE,
                key,
                said,
                url=reverse("plans:plan", args=[plan.pk]),
                customer_id=plan.customer.pk,
            )
            for user in _readers(plan, shared.link)
        ],
        at=at,
    )


def _readers(plan: Plan, link: SecretLink) -> Iterable[User]:
    answers_for = plan.owner or plan.customer.owner
    return {it.pk: it for it in (answers_for, link.user) if it and it.is_active}.values()


def _line(plan: Plan, code: str, detail: dict[str, Any], *, by: User | None, at: datetime) -> None:
    record(
        code,
        object_type="plan",
        object_id=plan.pk,
        summary=plan.title,
        detail=detail | {"customer": plan.customer_id},
        by=by,
        at=at,
    )
