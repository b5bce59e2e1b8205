"""Every page of the product in a real browser: open to everybody, quiet, light, never too wide.

Pages are not listed here: whatever address answers an administrator with a page is looked at,
with a company in it and one thing of every kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client

from perennial.alerts.models import Alert
from perennial.config.pipeline import run
from perennial.demo.cast import State
from perennial.demo.plant import plant, write_usage
from perennial.desk.customer import TABS
from tests.addresses import filled
from tests.belongings import keep
from tests.pages import LANGUAGES, barriers, cold, link_for, opened

DAY = date(2026, 6, 30)
FEWEST_PAGES, PARTS = 70, 2


@pytest.fixture
def company(transactional_db, tmp_path, perennial) -> tuple[Any, list[str]]:
    """The cast after the day's run; its administrator, and the addresses of all pages."""
    planted = plant(end_on=DAY)
    usage = write_usage(tmp_path, end_on=DAY)
    assert perennial("import", "events", usage).code == 0
    run(day=DAY)
    wilting = planted.customers[State.WILTING]
    things = keep(wilting, planted.owner, on=DAY)
    things |= {
        "customer": wilting,
        "alert": Alert.objects.filter(customer__isnull=False).first(),
        "user": planted.owner,
    }
    admin = planted.users["admin@demo.invalid"]
    pages = list(pages_of(admin, things))
    pages += [f"/customers/{wilting.pk}/?tab={tab.key}" for tab in TABS if tab.key]
    assert len(pages) >= FEWEST_PAGES, pages
    return admin, pages


def pages_of(admin: Any, things: dict[str, Any]) -> Iterator[str]:
    """Addresses that answer a GET with a whole page, or break."""
    client = Client(raise_request_exception=False)
    client.force_login(admin)
    for _name, address in filled(things):
        answer = client.get(address)
        is_whole = answer.status_code in (200, 500) and not answer.streaming
        if is_whole and answer.content[:200].lstrip().lower().startswith(b"<!doctype html"):
            yield address


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_is_light_quiet_and_open_to_everybody(chromium, live_server, company, part):
    admin, addresses = company
    door = opened(chromium, live_server, link=link_for(admin, "/"))
    state = door.context.storage_state()
    door.context.close()
    other = opened(chromium, live_server, state=state, language=LANGUAGES[1])
    faults = []
    for address in addresses[part::PARTS]:
        page = opened(chromium, live_server, state=state)  # a browser that was never here before
        found = [*cold(page, address), *barriers(page), *page.complaints]
        page.context.close()
        other.goto(address)
        found += [*barriers(other), *other.complaints]
        other.complaints.clear()
        faults += [f"{address} {said}" for said in found]
    other.context.close()
    assert faults == [], "\n".join(faults)
