"""Who carries a message to which kind of channel."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.urls import reverse
from django.utils import translation

from perennial.notify import webhook, wording
from perennial.notify.chat import Chat, Message, NotTaken
from perennial.notify.dingtalk import CHAT as DINGTALK
from perennial.notify.feishu import CHAT as FEISHU
from perennial.notify.models import ChannelKind, Delivery
from perennial.notify.outgoing import checked
from perennial.notify.queries import address
from perennial.notify.sealing import unseal
from perennial.notify.slack import CHAT as SLACK
from perennial.notify.wecom import CHAT as WECOM
from perennial.units.errors import InputRefused

CHATS: Mapping[str, Chat] = {
    ChannelKind.WECOM: WECOM,
    ChannelKind.FEISHU: FEISHU,
    ChannelKind.DINGTALK: DINGTALK,
    ChannelKind.SLACK: SLACK,
}
SIGNED = frozenset({ChannelKind.FEISHU, ChannelKind.DINGTALK})  # may have a signing secret


def check(kind: str, where: str) -> None:
    """Raises InputRefused when a channel of this kind cannot have this address."""
    chat = CHATS.get(kind)
    if chat is None:
        checked(where)
    else:
        chat.check(where)


def masked(where: str) -> str:
    """What people see of an address: the host, and how it ends."""
    return f"{urlsplit(where).hostname}/…{where[-4:]}"[:100]


def carry(delivery: Delivery, *, at: datetime) -> int:
    """Send a delivery; the status of the answer. Raises NotTaken."""
    channel = delivery.channel
    now = int(at.timestamp())
    try:
        where, secret = unseal(channel.address), unseal(channel.secret)
        chat = CHATS.get(channel.kind)
        if chat is not None:
            with translation.override(channel.language or wording.DEFAULT_LANGUAGE):
                return chat.send(where, secret, _message(delivery), now=now)
        content = _content(delivery)
        return webhook.send(where, secret, content, message_id=delivery.message_id, now=now)
    except InputRefused as error:
        raise NotTaken(error.message.format(**error.params)) from error
    except OSError as error:
        raise NotTaken(error.strerror or str(error) or type(error).__name__) from error


def _message(delivery: Delivery) -> Message:
    said = delivery.message
    return Message(
        title=said.get("title", ""),
        body=said.get("body", ""),
        readers=said.get("readers", ""),
        why=said.get("why", ""),
        link=address(said.get("url", "")),
        wishes=address(reverse("notify:wishes")),
    )


def _content(delivery: Delivery) -> dict[str, object]:
    """A webhook's JSON; `data` of a notice is what a chat would show."""
    said = dict(delivery.message)
    event = said.pop("event", f"notice.{delivery.topic}")
    data = said.pop("data", None)
    if data is None:
        data = said | {"url": address(said.get("url", ""))}
    return {
        "id": str(delivery.message_id),
        "event": event,
        "made_at": delivery.made_at.astimezone(UTC).isoformat(),
        "customer_id": delivery.customer_id,
        "data": data,
    }
