"""Queries per page, held to a baseline: more of them is a decision, not an accident.

A page that needs fewer, or must have more: `QUERY_COUNTS=write make test
ARGS=tests/test_query_counts.py` writes tests/query_counts.json anew.
"""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from perennial.config.pipeline import run
from perennial.demo.cast import State
from perennial.demo.plant import plant
from perennial.events.actions import add_source

BASELINE = Path(__file__).with_name("query_counts.json")
DAY = date(2026, 6, 30)
PAGES = {
    "today": "/",
    "customers": "/customers/",
    "customers searched": "/customers/?q=bj",
    "customer": "/customers/{pk}/",
    "palette": "/palette/?q=bj",
    "alerts": "/alerts/",
    "revenue": "/revenue/",
    "movers": "/revenue/movers/",
    "cohorts": "/revenue/cohorts/",
    "closes": "/revenue/closes/",
    "definitions": "/revenue/definitions/",
    "renewals": "/revenue/renewals/",
    "expansion": "/revenue/expansion/",
    "unit economics": "/revenue/economics/",
    "lifetime": "/revenue/economics/?view=lifetime",
    "cost to serve": "/revenue/economics/?view=service",
    "planner": "/revenue/planner/",
    "data sources": "/data/",
    "live": "/data/live/",
    "rejects": "/data/rejects/",
    "unattributed": "/data/unattributed/",
    "data quality": "/data/quality/",
    "features": "/data/features/",
    "naming a feature": "/data/features/name/",
    "a source": "/data/sources/{source}/",
    "metrics": "/metrics/",
    "a metric": "/metrics/of/event_count/",
    "a metric's people": "/metrics/of/active_people/?by=person",
    "own metric": "/metrics/own/add/",
    "goals": "/metrics/goals/",
    "goal": "/metrics/goals/add/",
    "scorecards": "/health/",
    "a profile": "/health/profiles/steady/",
    "editor of a profile": "/health/profiles/steady/edit/",
    "backtest": "/health/backtest/",
    "risk model": "/health/risk/",
    "rules of tiers": "/health/classes/tier/",
    "rules of fit": "/health/classes/fit/",
    "rules of stages": "/health/classes/stage/",
    "customers that changed": "/customers/?view=changed",
    "alert rules": "/alerts/rules/",
    "inbox": "/inbox/",
    "what I am told": "/inbox/wishes/",
    "channels": "/inbox/channels/",
    "mail to log": "/mailbox/",
    "imports": "/imports/",
    "users": "/users/",
    "profile": "/profile/",
    "month": "/calendar/",
    "team board": "/team/",
    "assumptions": "/work/assumptions/",
    "absences": "/profile/absence/",
    "calendar links": "/profile/calendar/",
    "actions": "/work/",
    "playbooks": "/playbooks/",
    "a playbook": "/playbooks/of/usage_drop/",
    "editor of a playbook": "/playbooks/of/usage_drop/edit/",
    "ways in": "/onboarding/",
    "handovers": "/onboarding/handovers/",
    "deliveries": "/onboarding/deliveries/",
    "plans": "/plans/",
    "touchpoints": "/plans/touchpoints/",
    "segments": "/segments/",
    "silent": "/customers/silent/",
    "duplicates": "/customers/duplicates/",
    "bow-tie": "/customers/bow-tie/",
    "standards": "/customers/standards/",
}


@pytest.mark.django_db
@pytest.mark.slow
def test_no_page_asks_the_database_more_often_than_it_did(
    client: Client,
):
    planted = plant(end_on=DAY)
    run(day=DAY)
    source, _key = add_source("web", kind="browser", by=None, at=timezone.now())
    client.force_login(planted.users["admin@demo.invalid"])
    counts = {}
    for name, path in PAGES.items():
        address = path.format(pk=planted.customers[State.WILTING].pk, source=source.pk)
        client.get(address)  # warm: content types, compiled templates
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200, name
        counts[name] = len(queries)
    if os.environ.get("QUERY_COUNTS") == "write":
        BASELINE.write_text(json.dumps(counts, indent=1) + "\n")
    baseline = json.loads(BASELINE.read_text())
    assert {name: n for name, n in counts.items() if n > baseline[name]} == {}
    assert counts["customers"] <= 30
