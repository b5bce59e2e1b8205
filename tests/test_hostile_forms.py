"""Every form of the product, filled with what nobody should send: no page breaks, none repeats it
as markup, and a text of a megabyte is refused or cut, never kept whole.

Fields are read from the pages themselves, so that a new form is tried without being listed.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import date

import pytest
from django.apps import apps
from django.db import models, transaction
from django.db.models.functions import Length
from django.test import Client

from perennial.alerts.models import Alert
from perennial.config.pipeline import run
from perennial.demo.cast import State
from perennial.demo.plant import plant
from tests.addresses import filled
from tests.belongings import keep
from tests.test_hostile_requests import MARKUP, WORDS

DAY = date(2026, 6, 30)
NAMED = re.compile(rb'<(?:input|select|textarea)\b[^>]*\bname="([^"]+)"')
DRAWS = 3
MEGABYTE = "长" * 350_000
LONGEST = 25_000  # letters of anything that people write
LONG_FIELDS = {"note", "text", "reason", "goals", "expectation", "notes", "response", "result",
               "success_words", "expectation_gap", "judgement", "approach", "title", "comment",
               "personal_needs", "company_needs", "stuck_at", "answer", "said"}  # fmt: skip
OUT = {"team:log_out", "team:theme", "team:language", "events:live"}


@pytest.fixture
def tried(db: None) -> tuple[Client, list[tuple[str, str]]]:
    planted = plant(end_on=DAY)
    run(day=DAY)
    wilting = planted.customers[State.WILTING]
    things = keep(wilting, planted.owner, on=DAY) | {
        "customer": wilting,
        "alert": Alert.objects.filter(customer__isnull=False).first(),
        "user": planted.owner,
    }
    client = Client(raise_request_exception=False)
    client.force_login(planted.users["admin@demo.invalid"])
    return client, [it for it in filled(things) if it[0] not in OUT]


def names_on(client: Client, address: str) -> list[str]:
    """The fields of the forms on a page."""
    answer = client.get(address)
    if answer.status_code != 200 or answer.streaming:
        return []
    found = {it.decode() for it in NAMED.findall(answer.content)}
    return sorted(found - {"csrfmiddlewaretoken"})


def requests_of(
    client: Client, address: str, dice: random.Random
) -> Iterator[tuple[str, dict[str, str]]]:
    names = names_on(client, address) or ["name", "note", "q", "id", "day", "owner", "until_on"]
    for _ in range(DRAWS):
        yield "post", {name: dice.choice(WORDS) for name in names}
    yield "get", {name: dice.choice(WORDS) for name in (*names, "q", "page", "tab", "filter")}
    if long := {name for name in names if name in LONG_FIELDS}:
        yield "post", {name: MEGABYTE if name in long else "1" for name in names}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1])
def test_no_form_breaks_or_repeats_what_it_was_sent(tried, seed: int):
    client, addresses = tried
    dice = random.Random(seed)
    faults, sent = [], 0
    for name, address in addresses:
        for method, data in requests_of(client, address, dice):
            with transaction.atomic():
                answer = getattr(client, method)(address, data)
                swallowed = [*too_long()] if answer.status_code in (204, 302) else []
                transaction.set_rollback(True)
            sent += 1
            body = "" if answer.streaming else answer.content.decode("utf-8", "replace")
            if answer.status_code >= 500:
                faults.append(f"{name} {method} {short(data)}: {answer.status_code}")
            elif found := MARKUP.search(body):
                faults.append(f"{name} {method}: {body[found.start() - 60 : found.end() + 40]!r}")
            faults += [f"{name} {method}: {it} holds a megabyte" for it in swallowed]
    assert faults == []
    assert sent > 600


def too_long() -> Iterator[str]:
    """Columns in which a text of the size of a book stands now."""
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, models.TextField) and not model._meta.abstract:
                rows = model._default_manager.annotate(size=Length(field.name))
                if rows.filter(size__gt=LONGEST).exists():
                    yield f"{model.__name__}.{field.name}"


def short(data: dict[str, str]) -> dict[str, str]:
    return {name: text[:24] for name, text in data.items()}
