"""`perennial health backtest` on data that others made: real companies, and a noise generator."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import Outcome

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
Perennial = Callable[..., Outcome]


def activity(perennial: Perennial, path: Path) -> None:
    columns = ("customer_id=account", "user_id=user", "timestamp=ts", "received_at=rcv")
    done = perennial("import", "events", path, "--map", *columns, "--timezone", "UTC")
    assert done.code == 0, done.err


def backtest(perennial: Perennial, outcomes: str) -> list[dict[str, Any]]:
    done = perennial("health", "backtest", "--outcomes", outcomes, "--json")
    assert done.code == 0, done.err
    horizons: list[dict[str, Any]] = done.document["horizons"]
    return horizons


def test_default_profiles_rank_real_companies_that_fall_silent_for_a_year(perennial, shared_data):
    activity(perennial, shared_data / "org_activity_dev.parquet")
    (it,) = backtest(perennial, "silent:365")
    assert (it["days"], it["n"], it["losses"], it["customers"]) == (0, 2419, 33, 56)
    assert it["auc_low"] > 0.5  # .69–.84 when this was written
    assert it["verdict"] == "predicts"
    assert it["reason"] is None


def test_fifteen_projects_are_too_few_and_that_is_said(perennial, shared_data):
    activity(perennial, shared_data / "git_activity_dev.parquet")
    (it,) = backtest(perennial, "silent:365")
    assert (it["n"], it["losses"]) == (1778, 6)
    assert it["auc"] is None
    assert "Too few" in it["reason"]


@pytest.fixture
def ravenstack(perennial: Perennial, shared_data: Path) -> None:
    customer = "customer_id=account_id"
    for kind, name, *columns in (
        ("customers", "accounts", "external_id=account_id", "name=account_name",
         "created_on=signup_date"),
        ("orders", "subscriptions", "order_id=subscription_id", customer,
         "kind=is_trial{TRUE:trial,FALSE:new}", "start_on=start_date", "end_on=end_date",
         "product=plan_tier", "mrr=mrr_amount", "currency==USD"),
        ("tickets", "support_tickets", "external_id=ticket_id", customer,
         "opened_at=submitted_at", "satisfaction=satisfaction_score"),
        ("outcomes", "churn_events", customer, "occurred_on=churn_date", "outcome==churn"),
    ):  # fmt: skip
        path = shared_data / f"ravenstack_{name}.csv.gz"
        assert perennial("import", kind, path, "--map", *columns, "--skip-bad-rows").code in (0, 1)
    done = perennial(
        "import", "events", shared_data / "ravenstack_feature_usage.csv.gz",
        "--map", "event=feature_name", "timestamp=usage_date", "order_id=subscription_id",
        "value=usage_count", "--id", "usage_id+subscription_id+usage_date",
    )  # fmt: skip
    assert done.code == 0, done.err


def test_on_noise_the_score_predicts_nothing_and_too_few_renewals_is_said(perennial, ravenstack):
    for it in backtest(perennial, "imported"):
        assert (it["n"], it["losses"]) == (599, 599)  # one of 600 rows stands twice
        assert it["auc_low"] < 0.5 < it["auc_high"]
        assert "predicts nothing" in it["reason"]
    for it in backtest(perennial, "renewals"):
        assert it["auc"] is None
        assert "Too few renewals" in it["reason"]
    assert "predicts nothing" in perennial("health", "backtest", "--outcomes", "imported").out
