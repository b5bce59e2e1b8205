"""Mails and channels: they leave, or it is said why not; and the mailbox that is read."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from perennial.config.doctor.finding import Finding
from perennial.connectors.mailbox import queries as mailbox
from perennial.notify.models import Mail
from perennial.notify.queries import channels, mail_counts


def leaving() -> Iterator[Finding]:
    """No mail is tried again and again, and none was given up."""
    counts = mail_counts()
    if not (counts["stuck"] or counts["given_up"]):
        return
    failed = Mail.objects.exclude(error="").exclude(
        state__in=(Mail.State.SENT, Mail.State.WITHHELD)
    )
    yield Finding(
        "mails_wait",
        _("{stuck} mails are tried again, {given_up} were given up: {reason}").format(
            reason=failed.latest("made_at").reason, **counts
        ),
        _("Check PERENNIAL_EMAIL_URL; the page Mails that were sent sends them once more."),
    )


def to_channels() -> Iterator[Finding]:
    """No channel fails."""
    for channel in channels():
        if channel.is_failing and not channel.is_paused:
            yield Finding(
                "channel_fails",
                _("The channel “{name}” takes no messages: {reason}").format(
                    name=channel.name, reason=channel.reason
                ),
                _("Send a test on its page, enter its address again, or pause it."),
            )


def from_mailbox() -> Iterator[Finding]:
    """The mailbox can be read, once one is set."""
    state = mailbox.state()
    if mailbox.is_set_up() and state.get("failed_since"):
        yield Finding(
            "mailbox_fails",
            _("The mailbox cannot be read: {error}").format(error=state.get("error", "")),
            _("Check PERENNIAL_IMAP_URL. Mails wait there; none is lost."),
        )
