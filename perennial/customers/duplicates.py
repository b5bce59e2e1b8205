"""Which customers may be one company: the same name, web address or e-mail domain.

A name is compared without what says only its legal form, without marks and width of letters. A
domain of free mail says nothing, nor does one that many customers share.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from perennial.customers.models import Customer, Merge, Person
from perennial.customers.queries import visible_customers
from perennial.team.models import User

_FREE = (
    "qq.com 163.com 126.com gmail.com outlook.com hotmail.com yahoo.com icloud.com foxmail.com "
    "sina.com sohu.com live.com aliyun.com 139.com 189.cn yeah.net"
)
FREE_MAIL = frozenset(_FREE.split())
SHARED_BY_MANY = 4  # customers: an agency or a group, no company of its own
_FORMS = re.compile(
    r"(集团)?(股份)?(有限)?(责任)?公司|集团|\b(co|ltd|inc|llc|corp|company|limited|gmbh|plc)\b"
)
_MARKS = re.compile(r"[\W_]+")


class Reason(StrEnum):
    """What two customers have in common."""

    NAME = "name"
    WEBSITE = "website"
    MAIL = "mail"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two that may be one; the one with the lower number is older."""

    first: Customer
    second: Customer
    reasons: tuple[Reason, ...]


def plain_name(name: str) -> str:
    """A name without form, marks and width.

    >>> plain_name("北京卓泽（科技）有限公司"), plain_name("Acme, Inc.")
    ('北京卓泽科技', 'acme')
    """
    narrow = unicodedata.normalize("NFKC", name).lower()
    return _MARKS.sub("", _FORMS.sub(" ", narrow))


def domain(address: str) -> str:
    """The domain of a web or e-mail address, without www; empty for none.

    >>> domain("https://www.acme.cn/shop"), domain("ann@mail.acme.cn")
    ('acme.cn', 'mail.acme.cn')
    """
    host = address.strip().lower().rpartition("@")[2].partition("://")[2] or address.lower()
    host = host.rpartition("@")[2].partition("/")[0].partition(":")[0].strip()
    return host.removeprefix("www.") if "." in host else ""


def suggested(user: User, *, most: int = 25) -> list[Pair]:
    """Pairs among the visible customers, most in common first; those once parted are left out."""
    seen = visible_customers(user).order_by("pk")
    rows = list(seen.values_list("pk", "name", "name_en", "website"))
    found: dict[tuple[int, int], set[Reason]] = {}
    _pair(((pk, plain_name(name)) for pk, name, _en, _web in rows), Reason.NAME, found)
    _pair(((pk, plain_name(en)) for pk, _name, en, _web in rows), Reason.NAME, found)
    _pair(((pk, domain(web)) for pk, _name, _en, web in rows), Reason.WEBSITE, found)
    mails = Person.objects.filter(customer__in=seen, to_on=None).exclude(email="").order_by()
    domains = {(pk, domain(email)) for pk, email in mails.values_list("customer", "email")}
    _pair(((pk, it) for pk, it in domains if it not in FREE_MAIL), Reason.MAIL, found)
    parted = set(Merge.objects.filter(undone_at__isnull=False).values_list("customer", "into"))
    wanted = sorted(
        (pair for pair in found if pair not in parted and pair[::-1] not in parted),
        key=lambda pair: (-len(found[pair]), Reason.NAME not in found[pair], pair),
    )[:most]
    known = seen.select_related("owner").in_bulk([pk for pair in wanted for pk in pair])
    return [
        Pair(known[a], known[b], tuple(it for it in Reason if it in found[a, b]))
        for a, b in wanted
        if a in known and b in known
    ]


def _pair(
    keys: Iterable[tuple[int, str]], reason: Reason, found: dict[tuple[int, int], set[Reason]]
) -> None:
    alike: dict[str, set[int]] = {}
    for pk, key in keys:
        if len(key) > 1:
            alike.setdefault(key, set()).add(pk)
    for pks in alike.values():
        if 1 < len(pks) <= SHARED_BY_MANY:
            ordered = sorted(pks)
            for at, first in enumerate(ordered):
                for second in ordered[at + 1 :]:
                    found.setdefault((first, second), set()).add(reason)
