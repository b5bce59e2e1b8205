"""Saying something beside a thing, changing it, taking it back; and keeping files there."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from perennial.customers.conversation import keeping, queries
from perennial.customers.conversation.rules.files import nature
from perennial.customers.models import Attachment, Comment, Customer, Mention
from perennial.notify import wording
from perennial.notify.actions import News, Said, in_languages, tell
from perennial.notify.models import Topic
from perennial.team import audit
from perennial.team.models import User
from perennial.units.errors import InputRefused
from perennial.web import formats

LONGEST = 20_000  # characters
MEGABYTE = 1024 * 1024


class EditConflict(InputRefused):
    """Somebody else saved the same comment first; nothing was written."""

    code = "edit_conflict"


class NotYours(InputRefused):
    """Only its author may do that, and an administrator."""

    code = "not_yours"


class Refused(InputRefused):
    """The words or the file cannot be kept as they are."""

    code = "refused"


@dataclass(frozen=True, slots=True)
class Saying:
    """A comment, and which of those whom it names cannot see the customer and were not told."""

    comment: Comment
    blind: tuple[User, ...] = ()


@transaction.atomic
def say(
    customer: Customer,
    *,
    about: str,
    about_id: int,
    text: str,
    author: str = "",
    by: User | None,
    at: datetime,
) -> Saying:
    """A comment at a thing of a customer; colleagues named in it are told. `by` None: a
    customer's own words, by `author`, which name nobody. Raises Refused for no or too many."""
    text = _checked(text)
    comment = Comment.objects.create(
        customer=customer,
        about_type=about,
        about_id=about_id,
        text=text,
        by=by,
        author=author[:100],
        at=at,
    )
    blind = _mention(comment, by=by, at=at) if by else ()
    _line("comment.added", customer, text, {"comment": comment.pk}, by=by, at=at)
    return Saying(comment, blind)


@transaction.atomic
def edit_comment(comment: Comment, *, text: str, version: int, by: User, at: datetime) -> Saying:
    """Change one's own words within EDIT_HOURS; who is newly named is told.

    Raises NotYours, Refused, and EditConflict when `version` is no longer the newest."""
    if comment.by_id != by.pk or not queries.may_still_edit(comment, at=at):
        raise NotYours(gettext_noop("Only its author may change a comment, within 24 hours."))
    text = _checked(text)
    before = comment.text
    same = Comment.objects.filter(pk=comment.pk, version=version, removed_at=None)
    if not same.update(text=text, edited_at=at, version=F("version") + 1):
        raise EditConflict(
            gettext_noop(
                "Somebody changed this in the meantime. Look at the new value and save again."
            )
        )
    comment.refresh_from_db()
    blind = _mention(comment, by=by, at=at)
    _line("comment.edited", comment.customer, text, {"before": before[:500]}, by=by, at=at)
    return Saying(comment, blind)


@transaction.atomic
def remove_comment(comment: Comment, *, by: User, at: datetime) -> Comment:
    """Take one's words back; that there were some stays to be seen. Raises NotYours."""
    _may(comment.by_id, by)
    if Comment.objects.filter(pk=comment.pk, removed_at=None).update(removed_at=at):
        _line("comment.removed", comment.customer, "", {"comment": comment.pk}, by=by, at=at)
    return comment


@transaction.atomic
def restore_comment(comment: Comment, *, by: User, at: datetime) -> Comment:
    """Undo the removal. Raises NotYours."""
    _may(comment.by_id, by)
    if Comment.objects.filter(pk=comment.pk, removed_at__isnull=False).update(removed_at=None):
        _line("comment.restored", comment.customer, comment.text, {}, by=by, at=at)
    return comment


def attach(
    customer: Customer,
    *,
    about: str,
    about_id: int,
    upload: UploadedFile,
    by: User | None,
    at: datetime,
) -> Attachment:
    """Keep a file at a thing. Raises Refused: empty, too large, no room, or no such kind as its
    name says. The file lies on the disk before its row stands; a failure leaves neither."""
    _fits(customer, upload.size or 0)
    name = _name(upload.name or "")
    kept = keeping.keep(upload.chunks())
    try:
        _fits(customer, kept.size_bytes)
        found = nature(name, kept.head)
        if found.lies:
            raise Refused(
                gettext_noop("{name} is not what its name says: its content is of another kind."),
                params={"name": name},
            )
        with transaction.atomic():
            row = Attachment.objects.create(
                customer=customer,
                about_type=about,
                about_id=about_id,
                name=name,
                stored_as=kept.stored_as,
                size_bytes=kept.size_bytes,
                sha256=kept.sha256,
                media_type=found.media_type,
                by=by,
                at=at,
            )
            _line("file.attached", customer, name, {"file": row.pk}, by=by, at=at)
    except BaseException:
        keeping.forget(kept.stored_as)
        raise
    return row


@transaction.atomic
def remove_file(attachment: Attachment, *, by: User, at: datetime) -> Attachment:
    """Take a file away; it can come back for 30 days. Raises NotYours."""
    _may(attachment.by_id, by)
    if Attachment.objects.filter(pk=attachment.pk, removed_at=None).update(removed_at=at):
        _file_line("file.removed", attachment, by=by, at=at)
    return attachment


@transaction.atomic
def restore_file(attachment: Attachment, *, by: User, at: datetime) -> Attachment:
    """Undo the removal. Raises NotYours."""
    _may(attachment.by_id, by)
    gone = Attachment.objects.filter(pk=attachment.pk, removed_at__isnull=False)
    if gone.update(removed_at=None):
        _file_line("file.restored", attachment, by=by, at=at)
    return attachment


def _checked(text: str) -> str:
    text = text.replace("\0", "").replace("\r\n", "\n").strip()
    if not text:
        raise Refused(gettext_noop("Write something first."))
    if len(text) > LONGEST:
        raise Refused(gettext_noop("The text is longer than 20,000 characters."))
    return text


def _may(by_id: int | None, user: User) -> None:
    if not queries.may_remove(user, by_id):
        raise NotYours(gettext_noop("Only its author or an administrator may remove this."))


def _mention(comment: Comment, *, by: User, at: datetime) -> tuple[User, ...]:
    """Tell those who are newly named and may see it; the others are returned."""
    told_before = set(comment.mentions.values_list("user", flat=True))
    named = [it for it in queries.mentioned_in(comment.text) if it.pk != by.pk]
    seeing = [it for it in named if queries.can_see(it, comment.customer)]
    fresh = [it for it in seeing if it.pk not in told_before]
    Mention.objects.bulk_create([Mention(comment=comment, user=it) for it in fresh])
    tell([_news(comment, it, by=by) for it in fresh], at=at)
    return tuple(it for it in named if it not in seeing)


def _news(comment: Comment, reader: User, *, by: User) -> News:
    customer = comment.customer

    def said() -> Said:
        shown = formats.named(customer.name, customer.name_en)
        title = _("{name} mentioned you at {customer}").format(name=by.name, customer=shown)
        return Said(title, comment.text[:300], wording.mentioned_by(by.name))

    page = queries.page_of(customer, comment.about_type, comment.about_id)
    return News(
        reader,
        Topic.MENTION,
        f"comment-{comment.pk}",
        in_languages(said),
        f"{page}#comment-{comment.pk}",
        customer_id=customer.pk,
    )


def _fits(customer: Customer, size: int) -> None:
    """Raises Refused when a file of so many bytes has no room."""
    one, of_customer, of_all = queries.most_bytes()
    if not size:
        raise Refused(gettext_noop("The file is empty."))
    if size > one:
        raise Refused(
            gettext_noop("A file may have {most} MB."), params={"most": f"{one // MEGABYTE}"}
        )
    if queries.used_bytes(customer) + size > of_customer:
        raise Refused(
            gettext_noop("The files of this customer have {most} MB, and these are full."),
            params={"most": f"{of_customer // MEGABYTE}"},
        )
    if queries.used_bytes() + size > of_all:
        raise Refused(
            gettext_noop("All files together have {most} MB, and these are full."),
            params={"most": f"{of_all // MEGABYTE}"},
        )


def _name(given: str) -> str:
    """A name without path, control characters and tricks of writing direction."""
    last = given.replace("\\", "/").rpartition("/")[2]
    plain = "".join(it for it in last if unicodedata.category(it)[0] != "C").strip()
    stem, dot, ending = plain.rpartition(".")
    if len(plain) > 200 and dot and len(ending) <= 10:
        plain = f"{stem[: 199 - len(ending)]}.{ending}"
    return plain[:200] or _("file")


def _file_line(code: str, attachment: Attachment, *, by: User, at: datetime) -> None:
    detail = {"file": attachment.pk}
    _line(code, attachment.customer, attachment.name, detail, by=by, at=at)


def _line(
    code: str,
    customer: Customer,
    summary: str,
    detail: Mapping[str, object],
    *,
    by: User | None,
    at: datetime,
) -> None:
    audit.record(
        code,
        object_type="customer",
        object_id=customer.pk,
        summary=summary[:120],
        detail=detail,
        by=by,
        at=at,
    )
