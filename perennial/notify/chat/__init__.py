"""Messages to group chats: what every chat needs, whoever made it; each has its own folder."""

from perennial.notify.chat.message import Message, NotTaken, fitted
from perennial.notify.chat.sending import Chat

__all__ = ["Chat", "Message", "NotTaken", "fitted"]
