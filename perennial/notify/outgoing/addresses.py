"""Which addresses we call: https, no log-in in it, a public host.

PERENNIAL_ALLOW_PRIVATE_HOSTS names hosts that may be private and spoken to without TLS (a list,
or 1 for every one): for tests and for group chats inside the company's own network.
"""

from __future__ import annotations

import socket
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence

LONGEST = 2000
_NAT64 = ip_network("64:ff9b::/96")


class Refused(InputRefused):
    """We do not call this address."""

    code = "address_refused"


def may_be_private(host: str) -> bool:
    allowed = settings.PERENNIAL_ALLOW_PRIVATE_HOSTS.lower()
    if allowed in {"1", "true", "yes", "on", "*"}:
        return True
    return host.lower() in {it.strip() for it in allowed.split(",")} - {""}


def checked(url: str, *, hosts: Collection[str] = ()) -> SplitResult:
    """The parts of an address we may call. `hosts`: the only ones that count; none: any.

    Raises Refused. Nothing is resolved: that happens when we connect.
    """
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url:
        raise Refused(sentence("An address has at most 2000 characters, without blanks."))
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError as error:
        raise Refused(sentence("This is no address.")) from error
    if parts.username or parts.password:
        raise Refused(sentence("A name or password does not stand in the address."))
    if parts.scheme != "https" and not (parts.scheme == "http" and may_be_private(host)):
        raise Refused(sentence("The address begins with https://."))
    if not host:
        raise Refused(sentence("This is no address."))
    if hosts and host not in hosts and not may_be_private(host):
        known = ", ".join(sorted(hosts))
        raise Refused(sentence("The address leads to {hosts}."), params={"hosts": known})
    return parts


def resolved(host: str, port: int) -> tuple[str, ...]:
    """The IP addresses of a host, all of them public.

    Raises Refused when one is not, OSError when the name is not known. Connect to one of these,
    not to the name: a second look-up could answer otherwise.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = tuple(dict.fromkeys(str(it[4][0]) for it in found))
    if not may_be_private(host) and not all(map(is_public, addresses)):
        raise Refused(sentence("The address leads into a private network."))
    return addresses


def is_public(address: str) -> bool:
    """Whether an IP address stands in the open internet, also what it wraps."""
    ip = ip_address(address.partition("%")[0])
    return all(it.is_global and not it.is_multicast for it in (ip, *_wrapped(ip)))


def _wrapped(ip: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """IPv4 addresses that an IPv6 one stands for: mapped, 6to4, Teredo, NAT64."""
    if isinstance(ip, IPv4Address):
        return []
    inner = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
    if ip in _NAT64:
        inner.append(IPv4Address(int(ip) & 0xFFFFFFFF))
    return [it for it in inner if it is not None]
