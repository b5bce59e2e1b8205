"""Two customers become one: what stood at the one that goes stands at the one that stays, on every
page, card and list; the one that goes is nowhere; parting brings everything back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db.models import Count
from django.test import Client
from django.utils import timezone

from perennial.config.pipeline import run
from perennial.contracts.models import Invoice, OrderLine
from perennial.customers.merging import merge_customers, undo_merge
from perennial.customers.models import Customer, Merge
from perennial.customers.queries import STANDS_AT
from perennial.demo.cast import State
from perennial.demo.plant import plant
from perennial.desk.merging import settle
from perennial.surveys.models import Answer
from perennial.team import audit
from perennial.tickets.models import Ticket
from perennial.work.models import WorkItem
from tests.addresses import filled
from tests.belongings import WORD, keep

DAY = date(2026, 6, 30)
NOW = "2026-07-01T10:00:00+08:00"
# Where the merge itself is told, by name.
# And the file of customer records, which names what orders and people were recorded for.
TOLD = ("/customers/duplicates/", "/customers/merge/", "/audit/", "/imports/export/customers.csv")


@pytest.fixture
def world(db: None) -> Iterator[dict[str, Any]]:
    with time_machine.travel(NOW, tick=False):
        cast = plant(end_on=DAY)
        run(day=DAY)
        gone, stays = cast.customers[State.WILTING], cast.customers[State.BLOOMING]
        things = keep(gone, cast.owner, on=DAY)
        at = things["touch"].happened_at
        things["ticket"] = Ticket.objects.create(
            external_id="T-merge", customer=gone, opened_at=at, subject=f"票{WORD}", recorded_at=at
        )
        things["answer"] = Answer.objects.create(
            external_id="A-merge", customer=gone, kind="nps", score=3, comment=f"答{WORD}",
            answered_at=at - timedelta(minutes=1), recorded_at=at,
        )  # fmt: skip
        things["person"].name = f"人{WORD}"
        things["person"].to_on = None
        things["person"].save(update_fields=["name", "to_on"])
        Invoice.objects.create(
            external_id="I-merge", customer=gone, amount=Decimal(10**9), currency="CNY",
            issued_on=DAY - timedelta(days=40), due_on=DAY - timedelta(days=20), recorded_at=at,
        )  # fmt: skip
        audit.record(
            "customer.assigned", object_type="customer", object_id=gone.pk, summary=f"改{WORD}",
            detail={"owner": ["", f"改{WORD}"]}, by=cast.owner, at=at,
        )  # fmt: skip
        admin = cast.users["admin@demo.invalid"]
        yield {"gone": gone, "stays": stays, "things": things, "admin": admin}


SHOWN = {
    "person": ("/customers/{stays}/?tab=people", "{person}"),
    "touch": ("/customers/{stays}/?tab=timeline", WORD),
    "item on the card": ("/customers/{stays}/?tab=actions", WORD),
    "item in the list": ("/work/?tab=all&q=" + WORD, WORD),
    "item": ("/work/{item}/", WORD),
    "item in the file": ("/work/export.csv?tab=all", WORD),
    "comment": ("/work/{item}/?talk=all", WORD + "</p>"),
    "handover in the list": ("/onboarding/handovers/?state=all", "/handovers/{handover}/"),
    "delivery in the list": ("/onboarding/deliveries/", WORD),
    "touchpoint in the list": ("/plans/touchpoints/?scope=all", WORD),
    "audit line": ("/customers/{stays}/?tab=changes", f"改{WORD}"),
    "invoice": ("/customers/{stays}/?tab=contracts", f"{DAY - timedelta(days=20)}"),
    "run": ("/customers/{stays}/?tab=actions", "/playbooks/runs/{run}/"),
    "assessment": ("/customers/{stays}/?tab=assessments", WORD),
    "handover": ("/customers/{stays}/?tab=journey", "/onboarding/handovers/{handover}/"),
    "delivery": ("/customers/{stays}/?tab=journey", WORD),
    "plan": ("/customers/{stays}/?tab=plan", WORD),
    "plan in the list": ("/plans/?scope=all", WORD),
    "ticket": ("/customers/{stays}/", f"票{WORD}"),
    "answer": ("/customers/{stays}/", f"答{WORD}"),
    "contract": ("/customers/{stays}/?tab=contracts", "{order}"),
    "order by its number": ("/palette/?q={order}", "/customers/{stays}/"),
    "person by name": ("/palette/?q={person}", "/customers/{stays}/"),
}


def _page(world: dict[str, Any], address: str, words: dict[str, Any]) -> str:
    client = Client()
    client.force_login(world["admin"])
    answer = client.get(address.format(**words))
    return answer.content.decode() if answer.status_code == 200 else str(answer.status_code)


def _words(world: dict[str, Any]) -> dict[str, Any]:
    things = world["things"]
    order = OrderLine.objects.filter(customer=world["gone"], void=False).latest("start_on")
    return {
        "stays": world["stays"].pk,
        "person": things["person"].name,
        "order": order.order_id,
        **{name: things[name].pk for name in ("item", "run", "handover")},
    }


def test_every_thing_stands_at_the_survivor_until_they_part(world):
    words = _words(world)
    own = {name for name, (address, word) in SHOWN.items() if "{stays}" in address}
    before = {name for name in own if _shows(world, name, words)}
    assert not before, "the survivor had none of it"
    merge = _merged(world)
    missing = [name for name in SHOWN if not _shows(world, name, words)]
    assert not missing
    settle(undo_merge(merge, by=world["admin"], at=timezone.now()))
    assert not [name for name in own if _shows(world, name, words)]
    back = words | {"stays": world["gone"].pk}
    assert not [name for name in SHOWN if not _shows(world, name, back)]


def _merged(world: dict[str, Any]) -> Merge:
    at = timezone.now()
    merge = merge_customers(world["gone"], into=world["stays"], by=world["admin"], at=at)
    settle(merge)
    return merge


def _shows(world: dict[str, Any], name: str, words: dict[str, Any]) -> bool:
    address, word = SHOWN[name]
    return word.format(**words) in _page(world, address, words)


def test_the_absorbed_is_nowhere_and_the_day_goes_on(world):
    _merged(world)
    with time_machine.travel("2026-07-02T10:00:00+08:00", tick=False):
        run(day=DAY + timedelta(days=1))
        assert not _named(world)
    active = WorkItem.objects.exclude(state="done").annotate(place=STANDS_AT).order_by()
    twice = active.values("place", "reason", "about").annotate(n=Count("pk")).filter(n__gt=1)
    assert not list(twice)


def _named(world: dict[str, Any]) -> list[str]:
    """The addresses that name or link the absorbed customer."""
    client = Client(raise_request_exception=False)
    client.force_login(world["admin"])
    gone: Customer = world["gone"]
    things = {**world["things"], "customer": world["stays"], "user": world["admin"]}
    found = []
    for name, address in filled({key: it for key, it in things.items() if it is not None}):
        if address.startswith(TOLD):
            continue
        answer = client.get(address)
        assert answer.status_code < 500, address
        body = b"".join(answer) if answer.streaming else answer.content
        text = body.decode("utf-8", "replace")
        if name == "desk:customer":  # whose changes say once who was merged into it
            text = text.replace(gone.name, "", 1)
        if gone.name in text or f"/customers/{gone.pk}/" in text:
            found.append(address)
    return found
