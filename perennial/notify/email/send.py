"""One mail to one colleague; Django's SMTP backend does the talking."""

from __future__ import annotations

from email.utils import make_msgid, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives


def is_set_up() -> bool:
    """Whether this installation has a server to send through."""
    return bool(settings.PERENNIAL_EMAIL_URL)


def send(to: str, *, subject: str, text: str, html: str = "", preferences_url: str = "") -> None:
    """Hand one mail to the server.

    Raises OSError (which smtplib's errors are) when it does not take it.
    """
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    headers = {"Auto-Submitted": "auto-generated", "Message-ID": make_msgid(domain=domain)}
    if preferences_url:
        headers["List-Unsubscribe"] = f"<{preferences_url}>"
    mail = EmailMultiAlternatives(subject, text, None, [to], headers=headers)
    if html:
        mail.attach_alternative(html, "text/html")
    mail.send()
