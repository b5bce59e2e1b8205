"""The org map by keys, in a real browser."""

from __future__ import annotations

from datetime import date

import pytest

from perennial.customers.models import Person
from perennial.demo.cast import State
from perennial.demo.plant import plant
from tests.pages import link_for, opened

DAY = date(2026, 6, 30)


@pytest.mark.browser
@pytest.mark.slow
def test_arrows_walk_the_map_and_enter_opens_the_person(chromium, live_server, transactional_db):
    planted = plant(end_on=DAY)
    customer = planted.customers[State.BLOOMING]
    top, first, second = customer.people.filter(to_on__isnull=True).order_by("pk")[:3]
    Person.objects.filter(pk__in=(first.pk, second.pk)).update(reports_to=top, grade="B")
    page = opened(chromium, live_server)
    admin = planted.users["admin@demo.invalid"]
    page.goto(link_for(admin, f"/customers/{customer.pk}/?tab=people"))
    page.locator(f"#org-{top.pk}").focus()
    walked = []
    for key in ("ArrowRight", "ArrowDown", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
        walked.append(page.evaluate("document.activeElement.id"))
    one, other = sorted((first, second), key=lambda it: it.name)
    assert walked == [f"org-{it.pk}" for it in (one, other, one, top)]
    page.keyboard.press("Enter")
    page.locator("#sheet form").wait_for()
    assert page.locator("#sheet input[name=name]").input_value() == top.name
    assert page.complaints == []
    page.context.close()
