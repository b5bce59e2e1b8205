"""A notice as a mail: plain text and HTML, each with why it comes and where to change that."""

from __future__ import annotations

from collections.abc import Mapping

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language

from perennial.notify import wording
from perennial.notify.models import How
from perennial.notify.queries import address


def mail(said: Mapping[str, str], topic: str, url: str, *, how: How) -> tuple[str, str]:
    """Text and HTML of a notice, in the language in force."""
    context = {
        "title": said["title"],
        "body": said["body"],
        "why": said["why"] or wording.standard(topic),
        "rule": wording.rule_of_mail(topic, how),
        "url": address(url),
        "wishes_url": address(reverse("notify:wishes")),
        "html_language": "zh-Hans" if (get_language() or "").startswith("zh") else "en",
    }
    text = render_to_string("notify/mail.txt", context)
    return text, render_to_string("notify/mail.html", context)
