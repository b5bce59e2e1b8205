"""Who gets which address of the data sources and of metrics: the matrix of docs/guide/access.md."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import get_resolver, reverse

from perennial.events.actions import add_source
from perennial.events.models import Feature
from perennial.events.tests.scene import NOW, log_in
from perennial.metrics.actions import define_metric
from perennial.metrics.rules.own import OwnDefinition
from perennial.team.access import Page, can
from perennial.team.models import Role, User
from tests.addresses import addresses

NEEDS = {
    Page.DATA_QUALITY: "sources quality",
    Page.METRICS: "features catalogue metric card metric_csv goals",
    Page.METRIC_DEFINITIONS: (
        "name_feature would_count feature deep forget_feature add_goal goal_preview goal drop_goal "
        "add_own own_preview own retire_own"
    ),
    Page.SOURCES: (
        "add source arrived rotate revoke retire live rejects rejects_csv replay unattributed "
        "add_customers unknown_csv"
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role)
def test_every_address_opens_for_its_roles_only(role: Role) -> None:
    add_source("web", kind="browser", by=None, at=NOW - timedelta(days=1))
    own = OwnDefinition("own_one", "一", "one", "event_count")
    define_metric(own, by=None, at=NOW)
    feature = Feature.objects.create(name="Save", bit=0, event="$click", selector="b")
    client = log_in(role)
    user = User.objects.get(role=role)
    needed = {name: page for page, names in NEEDS.items() for name in names.split()}
    for name, pattern in addresses(get_resolver()):
        space, _, short = name.partition(":")
        if space not in ("events", "metrics"):
            continue
        short = "retire_own" if name == "metrics:retire" else short
        gaps = {"pk": feature.pk, "key_pk": 1, "name": "own_one"}
        address = reverse(name, kwargs={gap: gaps[gap] for gap in pattern.pattern.converters})
        for headers in ({}, {"HX-Request": "true"}):
            answer = client.get(address, headers=headers)
            if answer.status_code == 405:
                answer = client.post(address, {"name": "x"}, headers=headers)
            is_refused = answer.status_code == 403
            assert is_refused == (not can(user, needed[short])), (name, answer.status_code)
