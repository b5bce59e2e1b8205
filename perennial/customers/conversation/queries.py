"""The talk beside a thing, through the gate of its customer."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum
from django.http import Http404
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from perennial.customers.conversation.rules.mentions import handle_of, handles, mentioned, places
from perennial.customers.models import About, Attachment, Comment, Customer
from perennial.customers.queries import records_of, visible_customer, visible_records
from perennial.team.access import Page, can
from perennial.team.models import Role, User
from perennial.web import richtext

EDIT_HOURS = 24  # so long may one's own words still be changed
SHOWN, COLLEAGUES, LOOKED_AT = 50, 8, 24
_TAGS = re.compile(r"(<[^>]*>)")
Row = TypeVar("Row", Comment, Attachment)
# The page of a thing takes its id; everything else is told on the customer's page.
PAGES = {
    About.WORK_ITEM: "work:item",
    About.PLAN: "plans:plan",
    About.HANDOVER: "onboarding:handover",
    About.PROJECT: "onboarding:project",
}


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment as somebody reads it; a removed one has no words."""

    comment: Comment
    author: str
    words: SafeString
    can_edit: bool
    can_remove: bool


@dataclass(frozen=True, slots=True)
class File:
    attachment: Attachment
    can_remove: bool


@dataclass(frozen=True, slots=True)
class Talk:
    """Comments, the oldest first (`earlier` are left out), and files, of one thing."""

    customer: Customer
    about: str
    about_id: int
    remarks: Sequence[Remark]
    earlier: int
    files: Sequence[File]
    can_write: bool

    @property
    def count(self) -> int:
        return self.earlier + sum(it.comment.removed_at is None for it in self.remarks)


def conversation(
    user: User, customer: Customer, about: str, about_id: int, *, all_of_it: bool = False
) -> Talk:
    """What was said at a thing of a customer. Raises Http404 for a foreign customer."""
    if not visible_customer(user, customer).exists():
        raise Http404
    found = _at(Comment.objects.all(), user, customer, about, about_id).select_related("by")
    if about == About.PLAN:  # with an author: said with the customer, which the plan shows apart
        found = found.filter(author="")
    total = found.count()
    newest = list(found.order_by("-at", "-pk")[: total if all_of_it else SHOWN])
    files = _at(Attachment.objects.filter(removed_at=None), user, customer, about, about_id)
    mark = marker()
    return Talk(
        customer,
        about,
        about_id,
        [remark(it, user=user, mark=mark) for it in reversed(newest)],
        total - len(newest),
        [File(it, may_remove(user, it.by_id)) for it in files.select_related("by").order_by("at")],
        can(user, Page.COMMENT),
    )


def _at(
    rows: QuerySet[Row], user: User, customer: Customer, about: str, about_id: int
) -> QuerySet[Row]:
    """The rows of a thing, also those from before its customer was merged."""
    rows = rows.filter(customer__in=records_of(user, customer))
    rows = rows.filter(about_type=about)
    return rows if about == About.CUSTOMER else rows.filter(about_id=about_id)


def counts(user: User, about: str, ids: Collection[int]) -> dict[int, int]:
    """How many comments stand at each of these things, where there are any."""
    seen = Comment.objects.filter(
        customer__in=visible_records(user),
        about_type=about,
        about_id__in=ids,
        removed_at=None,
    )
    return dict(seen.order_by().values_list("about_id").annotate(n=Count("pk")))


def remark(comment: Comment, *, user: User, mark: Callable[[str], str]) -> Remark:
    gone = comment.removed_at is not None
    mine = comment.by_id == user.pk
    return Remark(
        comment,
        comment.by.name if comment.by else comment.author,
        SafeString("") if gone else richtext.html(comment.text, also=mark),
        mine and not gone and may_still_edit(comment, at=timezone.now()),
        not gone and may_remove(user, comment.by_id),
    )


def may_still_edit(comment: Comment, *, at: datetime) -> bool:
    return at - comment.at <= timedelta(hours=EDIT_HOURS)


def may_remove(user: User, by_id: int | None) -> bool:
    """One's own; an administrator anybody's."""
    return by_id == user.pk or user.role == Role.ADMIN


def comment_for(user: User, customer: Customer, pk: int) -> Comment:
    """One comment at a customer, or Http404."""
    seen = Comment.objects.filter(customer__in=records_of(user, customer))
    found = seen.select_related("by", "customer").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def attachment_for(user: User, customer: Customer, pk: int) -> Attachment:
    """One file at a customer, removed ones too (they may come back), or Http404."""
    seen = Attachment.objects.filter(customer__in=records_of(user, customer))
    found = seen.select_related("customer").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def used_bytes(customer: Customer | None = None) -> int:
    """What files take, at a customer or in all; removed ones count until they are deleted."""
    found = Attachment.objects.filter(customer=customer) if customer else Attachment.objects.all()
    return found.aggregate(total=Sum("size_bytes"))["total"] or 0


def known_handles() -> dict[str, int]:
    """What names which working colleague."""
    working = User.objects.filter(is_active=True)
    return handles(working.values_list("pk", "name", "email"))


def mentioned_in(text: str) -> list[User]:
    """The colleagues whom a text names, in its order."""
    ids = mentioned(text, known_handles()) if "@" in text else []
    found = User.objects.in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def can_see(colleague: User, customer: Customer) -> bool:
    return visible_customer(colleague, customer).exists()


def colleagues(user: User, customer: Customer, typed: str) -> list[tuple[str, User]]:
    """Whom `user` may name at a customer: (what to write, colleague), by name or address."""
    known = known_handles()
    working = User.objects.filter(is_active=True).exclude(pk=user.pk)
    named = working.filter(Q(name__icontains=typed) | Q(email__istartswith=typed))
    likely = sorted(named.select_related("team"), key=lambda one: not _begins(one, typed))
    seeing = (one for one in likely[:LOOKED_AT] if can_see(one, customer))
    found = [(handle_of(one.name, one.email, known=known), one) for one in seeing]
    return found[:COLLEAGUES]


def _begins(colleague: User, typed: str) -> bool:
    return colleague.name.casefold().startswith(typed.casefold())


def marker() -> Callable[[str], str]:
    """Marks names of colleagues in rendered text, outside its tags."""
    escaped = tuple(html.escape(it, quote=False) for it in known_handles())

    def mark(made: str) -> str:
        parts = _TAGS.split(made)
        return "".join(it if at % 2 else _marked(it, escaped) for at, it in enumerate(parts))

    return mark


def _marked(text: str, known: tuple[str, ...]) -> str:
    found = places(text, known) if "@" in text else []
    for at, handle in reversed(found):
        end = at + 1 + len(handle)
        text = f'{text[:at]}<span class="mention">{text[at:end]}</span>{text[end:]}'
    return text


def page_of(customer: Customer, about: str, about_id: int) -> str:
    """Where a thing is shown."""
    try:
        if about == About.PERSON:
            return reverse("desk:person", args=[customer.pk, about_id])
        if about in PAGES:
            return reverse(PAGES[About(about)], args=[about_id])
    except NoReverseMatch:
        pass
    return reverse("desk:customer", args=[customer.pk]) + "?tab=talk"


def most_bytes() -> tuple[int, int, int]:
    """The bounds of one file, of a customer's files and of all files."""
    return (
        settings.PERENNIAL_FILE_MB << 20,
        settings.PERENNIAL_CUSTOMER_FILES_MB << 20,
        settings.PERENNIAL_FILES_MB << 20,
    )
