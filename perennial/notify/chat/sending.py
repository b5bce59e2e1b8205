"""Sending to a chat: apprise writes the vendor's format, our door carries it.

apprise would post through `requests`, by itself, wherever a redirect leads, and takes every
answer with status 200 for a success. Each of its modules gets our door in place of `requests`:
same call, but with the address checked at every hop, the vendor's signature added, and the
answer kept for us to read. The address is the one that was entered: a company may run a chat in
its own network, whose host apprise does not know.
"""

from __future__ import annotations

import importlib
import json
import logging
from collections.abc import Callable, Collection, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult

import requests

from perennial.notify.chat.message import Message, NotTaken, fitted
from perennial.notify.outgoing import Answer, checked, post
from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence

Sign = Callable[[str, bytes, str, int], tuple[str, bytes]]  # address, body, secret, now → signed


@dataclass(frozen=True, slots=True)
class Chat:
    """What is particular to one vendor.

    `plugin`: apprise's module and class; `tokens`: its arguments, from the address, None when
    the address is not the vendor's; `fits`: whether the vendor takes a text of this length;
    `refusal`: what an answer with status 200 complains of; `plain`: text in which nothing calls
    somebody or pretends to be a link.
    """

    plugin: tuple[str, str]
    hosts: Collection[str]
    tokens: Callable[[SplitResult], Mapping[str, Any] | None]
    fits: Callable[[str], bool]
    refusal: Callable[[str], str]
    plain: Callable[[str], str]
    sign: Sign | None = None

    def check(self, address: str) -> None:
        """Raises InputRefused when this is not the address of a group chat of the vendor's."""
        parts = checked(address, hosts=self.hosts)
        if self.tokens(parts) is None:
            raise InputRefused(
                sentence("This is not the address of a group robot: copy it from the chat's own "
                         "settings as it is.")
            )  # fmt: skip

    def send(self, address: str, secret: str, message: Message, *, now: int) -> int:
        """Send it; the status of the answer. Raises NotTaken. `now`: Unix seconds."""
        self.check(address)
        text = fitted(_plain(message, self.plain), fits=self.fits)
        errand = _Errand(
            address, self.hosts, lambda url, body: self._signed(url, body, secret, now)
        )
        _send(self.plugin, self.tokens(checked(address, hosts=self.hosts)) or {}, text, errand)
        answer = errand.answer
        if answer is None:
            raise NotTaken(errand.error or "not sent")
        if answer.status != 200:
            raise NotTaken(f"HTTP {answer.status}: {answer.text[:200]}", status=answer.status)
        if complaint := self.refusal(answer.text):
            raise NotTaken(complaint[:250], status=answer.status)
        return answer.status

    def _signed(self, url: str, body: bytes, secret: str, now: int) -> tuple[str, bytes]:
        return self.sign(url, body, secret, now) if self.sign and secret else (url, body)


def _plain(message: Message, plain: Callable[[str], str]) -> Message:
    """Names and texts that people typed, made harmless; links and our own sentences stay."""
    title, body, readers, why = map(
        plain, (message.title, message.body, message.readers, message.why)
    )
    return Message(title, body, readers, why, message.link, message.wishes)


@dataclass(slots=True)
class _Errand:
    """One message on its way through the door."""

    address: str
    hosts: Collection[str]
    signed: Callable[[str, bytes], tuple[str, bytes]]
    answer: Answer | None = None
    error: str = ""


_errand: ContextVar[_Errand] = ContextVar("errand")


@dataclass(frozen=True, slots=True)
class _Taken:
    """What apprise reads of an answer."""

    status_code: int
    content: bytes


class _Door:
    """What apprise's modules know of `requests`."""

    RequestException = requests.RequestException
    codes = requests.codes

    def post(
        self, _url: str, *, data: str | bytes, headers: Mapping[str, str], **_rest: Any
    ) -> _Taken:
        errand = _errand.get()
        body = data.encode() if isinstance(data, str) else data
        try:
            url, body = errand.signed(errand.address, body)
            errand.answer = post(url, body=body, headers=headers, hosts=errand.hosts)
        except (OSError, InputRefused) as error:
            errand.error = _said(error)
            raise requests.ConnectionError(errand.error) from error
        return _Taken(errand.answer.status, errand.answer.text.encode())

    def request(
        self, _method: str, url: str, *, data: str, headers: Mapping[str, str], **_rest: Any
    ) -> _Taken:
        return self.post(url, data=data, headers=headers)


_DOOR = _Door()


def _send(plugin: tuple[str, str], tokens: Mapping[str, Any], text: str, errand: _Errand) -> None:
    module = importlib.import_module(f"apprise.plugins.{plugin[0]}")  # slow: only who sends pays
    logging.getLogger("apprise").disabled = True  # it would write tokens; we note what failed
    module.requests = _DOOR  # type: ignore[attr-defined]
    apprise = importlib.import_module("apprise")
    asset = apprise.AppriseAsset(app_id="Perennial", app_desc="Perennial", async_mode=False)
    kept = _errand.set(errand)
    try:
        getattr(module, plugin[1])(asset=asset, **tokens).send(
            body=text, body_format=apprise.NotifyFormat.MARKDOWN if plugin[0] == "slack" else None
        )
    finally:
        _errand.reset(kept)


def _said(error: OSError | InputRefused) -> str:
    if isinstance(error, InputRefused):
        return error.message.format(**error.params)
    return error.strerror or str(error) or type(error).__name__


def json_of(text: str) -> dict[str, Any]:
    """An answer's JSON object; empty when it is none."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
