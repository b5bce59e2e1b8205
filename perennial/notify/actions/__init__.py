"""Telling people, what they wish to be told, and the channels of the company."""

from perennial.notify.actions.channels import (
    add_channel,
    change_channel,
    pause_channel,
    remove_channel,
    send_again,
    send_test,
)
from perennial.notify.actions.inbox import mark_read, mark_unread, try_again
from perennial.notify.actions.telling import (
    Letter,
    News,
    Said,
    announce,
    call_webhook,
    digest_sent,
    in_languages,
    post,
    tell,
)
from perennial.notify.actions.wishes import change_quiet_hours, change_wishes

__all__ = [
    "Letter",
    "News",
    "Said",
    "add_channel",
    "announce",
    "call_webhook",
    "change_channel",
    "change_quiet_hours",
    "change_wishes",
    "digest_sent",
    "in_languages",
    "mark_read",
    "mark_unread",
    "pause_channel",
    "post",
    "remove_channel",
    "send_again",
    "send_test",
    "tell",
    "try_again",
]
