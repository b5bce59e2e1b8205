"""Mails: they leave, or it is said why not."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from perennial.config.doctor.finding import Finding
from perennial.notify.models import Mail
from perennial.notify.queries import mail_counts


def leaving() -> Iterator[Finding]:
    """No mail is tried again and again, and none was given up."""
    counts = mail_counts()
    if not (counts["stuck"] or counts["given_up"]):
        return
    failed = Mail.objects.exclude(error="").exclude(state=Mail.State.SENT).latest("made_at")
    yield Finding(
        "mails_wait",
        _("{stuck} mails are tried again, {given_up} were given up: {reason}").format(
            reason=failed.error, **counts
        ),
        _("Check PERENNIAL_EMAIL_URL; the page Mails that were sent sends them once more."),
    )
