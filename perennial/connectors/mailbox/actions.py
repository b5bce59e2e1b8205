"""What becomes of a mail: a touch, or a line of the quarantine that somebody decides."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from perennial.connectors.mailbox import queries
from perennial.connectors.mailbox.letter import Letter
from perennial.connectors.mailbox.models import Held, HeldMail
from perennial.customers.actions import log_touch
from perennial.customers.models import Customer, Person, Touch, TouchKind
from perennial.customers.touches import remove_touch
from perennial.team import secret_links
from perennial.team.audit import record
from perennial.team.models import SecretLink, User
from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence

DEFAULT_LANGUAGE = "zh-hans"
MOST_OF_NOBODY = 1000  # held mails without an owner: spam fills no database
MOST_CANDIDATES = 20


@transaction.atomic
def take(letter: Letter, *, is_whole: bool, at: datetime) -> Touch | HeldMail | None:
    """Log a mail, or hold it; None: it is here already. One transaction: the caller marks the
    mail as seen only once this is committed."""
    if _known(letter):
        return None
    user = queries.owner_of(letter, at=at)
    if user is None:
        return _hold(letter, None, Held.NO_ADDRESS, at=at)
    if letter.sender != user.email.lower():
        return _hold(letter, user, Held.UNKNOWN_SENDER, at=at)
    if not is_whole:
        return _hold(letter, user, Held.TOO_LARGE, at=at)
    found = queries.match(user, letter)
    if len(found.customers) == 1:
        note, sent_at = _note(letter, user), _sent_at(letter, at)
        return _log(letter.message_id, found.customers[0], found.person, note, sent_at, user, at=at)
    reason = Held.SEVERAL if found.customers else Held.NO_CUSTOMER
    return _hold(letter, user, reason, customers=found.customers, at=at)


@transaction.atomic
def hold_unreadable(message_id: str, *, at: datetime) -> None:
    """A mail that our reading broke on: it is seen by somebody, and stops no other."""
    HeldMail.objects.get_or_create(
        message_id=message_id,
        defaults={"reason": Held.UNREADABLE, "sent_at": at, "held_at": at},
    )


@transaction.atomic
def accept(mail: HeldMail, customer: Customer, *, by: User, at: datetime) -> Touch:
    """Log a held mail at this customer, as the touch of whose address it was sent to."""
    if mail.decided_at is not None:
        raise InputRefused(sentence("This mail has been decided already."), code="decided")
    touch = _log(mail.message_id, customer, None, mail.note, mail.sent_at, mail.user or by, at=at)
    mail.touch, mail.decided_at, mail.by = touch, at, by
    mail.save(update_fields=["touch", "decided_at", "by"])
    return touch


@transaction.atomic
def discard(mail: HeldMail, *, by: User, at: datetime) -> None:
    """Leave a held mail out; it can be taken back."""
    if mail.decided_at is not None:
        raise InputRefused(sentence("This mail has been decided already."), code="decided")
    mail.decided_at, mail.by = at, by
    mail.save(update_fields=["decided_at", "by"])
    _line("mail_discarded", mail, by=by, at=at)


@transaction.atomic
def take_back(mail: HeldMail, *, by: User, at: datetime) -> None:
    """Undo a decision: the mail waits again, its touch goes."""
    touch = mail.touch
    mail.touch, mail.decided_at, mail.by = None, None, None
    mail.save(update_fields=["touch", "decided_at", "by"])
    if touch is not None:
        remove_touch(touch, by=by, at=at)
    _line("mail_decision_taken_back", mail, by=by, at=at)


@transaction.atomic
def renew_address(user: User, *, by: User, at: datetime) -> str:
    """A new secret address, shown once; the old one ends at once."""
    for link in secret_links.living(SecretLink.Kind.MAILBOX, at=at).filter(user=user):
        secret_links.revoke_link(link, by=by, at=at)
    made = secret_links.make_link(SecretLink.Kind.MAILBOX, object_id=user.pk, by=user, at=at)
    return queries.secret_address(made.token)


def _known(letter: Letter) -> bool:
    """An accepted or discarded mail does not come twice either."""
    return (
        Touch.objects.filter(external_id=f"mail:{letter.message_id}").exists()
        or HeldMail.objects.filter(message_id=letter.message_id).exists()
    )


def _log(
    message_id: str,
    customer: Customer,
    person: Person | None,
    note: str,
    sent_at: datetime,
    user: User,
    *,
    at: datetime,
) -> Touch:
    touch = log_touch(
        customer,
        kind=TouchKind.EMAIL,
        happened_at=sent_at,
        person=person if person and person.customer.pk == customer.pk else None,
        minutes=None,
        note=note,
        by=user,
        at=at,
    )
    touch.external_id = f"mail:{message_id}"
    touch.save(update_fields=["external_id"])
    return touch


def _hold(
    letter: Letter,
    user: User | None,
    reason: Held,
    *,
    customers: tuple[Customer, ...] = (),
    at: datetime,
) -> HeldMail | None:
    if user is None and HeldMail.objects.filter(user=None).count() >= MOST_OF_NOBODY:
        return None
    mail = HeldMail.objects.create(
        message_id=letter.message_id,
        user=user,
        reason=reason,
        sender=letter.sender[:254],
        subject=letter.subject,
        note=_note(letter, user),
        sent_at=_sent_at(letter, at),
        held_at=at,
    )
    mail.candidates.set(customers[:MOST_CANDIDATES])
    return mail


def _sent_at(letter: Letter, at: datetime) -> datetime:
    return min(letter.sent_at, at) if letter.sent_at else at


def _note(letter: Letter, user: User | None) -> str:
    """Direction and subject, then the text, then how many attachments stayed outside."""
    is_sent = user is None or (letter.sender == user.email.lower() and not letter.forwarded_from)
    language = (user.language if user else "") or DEFAULT_LANGUAGE
    with translation.override(language):
        subject = letter.subject or _("(no subject)")
        head = _("Sent: {subject}") if is_sent else _("Received: {subject}")
        parts = [head.format(subject=subject), letter.text]
        if letter.attachments:
            text = ngettext(
                "{count} attachment was left out.",
                "{count} attachments were left out.",
                letter.attachments,
            )
            parts.append(text.format(count=letter.attachments))
    return "\n\n".join(part for part in parts if part)


def _line(action: str, mail: HeldMail, *, by: User, at: datetime) -> None:
    record(
        action,
        object_type="held_mail",
        object_id=mail.pk,
        summary=mail.subject,
        detail={"reason": mail.reason},
        by=by,
        at=at,
    )
