"""The card of what events say stands on the customer's page, behind its gate."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.template.loader import render_to_string

from perennial.customers.models import Customer
from perennial.events.models import Source, SourceKind, Trait
from perennial.events.panels import CLAIMS
from perennial.team.models import Role, User

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)


@pytest.fixture
def acme() -> Customer:
    web = Source.objects.create(name="web", kind=SourceKind.BROWSER, created_at=NOW)
    for name, value in {"plan": "<b>pro</b>", "mrr": 4200}.items():
        Trait.objects.create(
            about=Trait.About.CUSTOMER, external_id="acme", name=name, value=value,
            claimed=True, source=web, said_at=NOW, received_at=NOW,
        )  # fmt: skip
    return Customer.objects.create(external_id="acme", name="Acme", recorded_at=NOW)


def seen(role: Role, customer: Customer) -> Any:
    user = User.objects.create(email=f"{role}@example.org", role=role)
    return CLAIMS.build(user, customer, date(2026, 11, 20))


def test_a_browsers_word_is_shown_as_claimed_and_as_text(acme: Customer) -> None:
    html = render_to_string(CLAIMS.template, dict(seen(Role.ADMIN, acme)))
    assert "claimed by a browser" in html
    assert "&lt;b&gt;pro&lt;/b&gt;" in html and "4200" in html


def test_amounts_are_only_for_those_who_see_amounts(acme: Customer) -> None:
    assert [claim.name for claim in seen(Role.SUPPORT, acme)["claims"]] == ["plan"]


def test_somebody_elses_customer_says_nothing(acme: Customer) -> None:
    assert seen(Role.CSM, acme) is None
