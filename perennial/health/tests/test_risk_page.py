"""The model card through HTTP, and the commands on plain tables."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.utils import translation

from perennial.config import cli
from perennial.customers.models import Customer
from perennial.health.models import RiskModel, RiskScore
from perennial.health.risk.document import document
from perennial.health.risk.rules.fitted import plain
from perennial.health.risk.rules.trial import tried
from perennial.health.tests.test_risk_models import made
from perennial.team.models import Role, User

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.fixture
def model(db: None) -> RiskModel:
    data, _ = made(400, dated=True)
    trial = tried(data, folds=3, seed=0)
    settings = {"lead_days": 90, "folds": 3, "seed": 0}
    about = {"from_on": "2025-01-01", "to_on": "2026-09-30", "pending": 1, "excluded": 0,
             "decided_before": 2, "too_young": 3, "assumed_rate": 0.25}  # fmt: skip
    return RiskModel.objects.create(
        kind=trial.model.kind.value, trained_at=NOW, trained_on=NOW.date(), seed=0,
        renewals=400, losses=int(data.lost.sum()), fitted=plain(trial.model),
        card=document(trial, data, settings=settings) | {"data": about},
    )  # fmt: skip


@pytest.fixture
def said(model: RiskModel) -> list[Customer]:
    found = []
    for name in ("Oak", "Elm"):
        who = Customer.objects.create(external_id=name, name=name, recorded_at=NOW)
        RiskScore.objects.create(
            model=model, customer=who, due_on=date(2099, 1, 1), said_on=NOW.date(),
            loss_probability=0.42, reasons=[{"feature": "nps", "value": 3.0, "effect": 0.4}],
        )  # fmt: skip
        found.append(who)
    return found


def seen_by(role: str) -> str:
    user = User.objects.create(email=f"{role}@demo.invalid", name=role, role=role)
    client = Client()
    client.force_login(user)
    answer = client.get("/health/risk/", headers={"accept-language": "en"})
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_the_card_says_how_good_it_is_and_what_it_may_not_be_used_for(said):
    page = seen_by(Role.ADMIN)
    for text in ("AUC", "Brier skill", "may not be used", "Oak", "Elm", "42%", "2025-01-01"):
        assert text in page, text


def test_a_home_without_a_model_says_when_there_will_be_one(db: None):
    assert "No model yet" in seen_by(Role.ADMIN)


@pytest.mark.parametrize("role", [Role.CSM, Role.SUPPORT, Role.VIEWER])
def test_the_card_is_for_those_who_answer_for_the_company(said, role: str):
    user = User.objects.create(email="x@demo.invalid", name="x", role=role)
    client = Client()
    client.force_login(user)
    assert client.get("/health/risk/").status_code == 403


def test_unproven_models_give_no_colour(said, model):
    model.card["auc_low"] = 0.45
    model.save()
    page = seen_by(Role.ADMIN)
    assert "cannot be told from chance" in page
    assert '<b class="t-na">42%' in page


def table(folder: Path, rows: int = 300, **columns: list[str]) -> Path:
    random = np.random.default_rng(2)
    use = random.normal(size=rows)
    left = random.random(rows) < 1 / (1 + np.exp(1 + 1.5 * use))
    held = {
        "id": [f"R{at}" for at in range(rows)],
        "use": [f"{it:.2f}" for it in use],
        "left": ["yes" if it else "no" for it in left],
        "amount": ["100"] * (rows - 1) + ["90"],
        "due": [f"2025-{1 + at % 12:02d}-10" for at in range(rows)],
    } | columns
    lines = [",".join(held), *(",".join(row) for row in zip(*held.values(), strict=True))]
    path = folder / "renewals.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    with translation.override("en"):
        code = cli.run(["risk", "train", *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_table_is_learned_from_and_read_alike_twice(tmp_path: Path, home: Path, capsys):
    words = ["--file", str(table(tmp_path)), "--label", "left", "--label-true", "yes",
             "--amount", "amount", "--id", "id", "--seed", "3"]  # fmt: skip
    code, found = run(capsys, *words)
    assert code == 0
    assert found["n"] == 300
    assert found["auc"] > 0.7
    assert {"auc_low", "auc_high", "brier", "brier_skill", "ece", "lift10"} <= set(found)
    assert found["amount_bias"] is not None
    assert found["left_out"] == {"due": "is a date"}
    assert run(capsys, *words) == (0, found)


def test_time_makes_later_rows_the_test(tmp_path: Path, home: Path, capsys):
    words = ["--file", str(table(tmp_path)), "--label", "left", "--label-true", "yes"]
    _code, found = run(capsys, *words, "--time", "due")
    assert found["validation"] == "rolling_origin"
    assert found["n"] <= 175


def test_a_column_that_tells_the_outcome_is_reported(tmp_path: Path, home: Path, capsys):
    plain_table = table(tmp_path)
    left = [it.split(",")[2] for it in plain_table.read_text().splitlines()[1:]]
    path = table(tmp_path, status=["closed" if it == "yes" else "open" for it in left])
    _code, found = run(capsys, "--file", str(path), "--label", "left", "--label-true", "yes")
    assert {it["code"] for it in found["warnings"]} == {"too_good", "separates"}


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        pytest.param(["--label", "gone", "--label-true", "yes"], 3, "no column “gone”", id="label"),
        pytest.param(["--label", "left", "--label-true", "Y"], 3, "never says “Y”", id="value"),
        pytest.param(["--label", "left"], 2, "--label-true", id="no value named"),
        pytest.param(
            ["--label", "left", "--label-true", "yes", "--time", "id"], 3, "is no date", id="time"
        ),
        pytest.param(
            ["--label", "left", "--label-true", "yes", "--amount", "id"], 3, "no amounts",
            id="amount",
        ),
    ],
)  # fmt: skip
def test_wrong_columns_are_told_in_a_sentence(
    tmp_path: Path, home: Path, capsys, words: list[str], code: int, text: str
):
    found, told = run(capsys, "--file", str(table(tmp_path)), *words)
    assert found == code
    assert text in told["error"]["message"]


@pytest.mark.parametrize("rows", [1, 5])
def test_a_tiny_table_gives_a_reason_and_no_figure(tmp_path: Path, home: Path, capsys, rows: int):
    left = ["yes"] + ["no"] * (rows - 1)
    path = table(tmp_path, rows, left=left, use=[str(at * 1.5) for at in range(rows)],
                 amount=["1"] * rows, due=["2025-01-01"] * rows)  # fmt: skip
    code, found = run(capsys, "--file", str(path), "--label", "left", "--label-true", "yes")
    assert code in (0, 3)
    if code == 0:
        assert found["auc"] is None
        assert found["reason"]


def test_telco_is_told_as_well_as_published(shared_data: Path, home: Path, capsys):
    """Published AUC .849 ± .005 for logistic regression; eleven blanks of TotalCharges."""
    path = shared_data / "telco_customer_churn.csv.gz"
    code, found = run(capsys, "--file", str(path), "--label", "Churn", "--label-true", "Yes",
                      "--amount", "MonthlyCharges")  # fmt: skip
    assert code == 0
    assert found["auc"] >= 0.84
    assert found["left_out"] == {"customerID": "names each row"}
    assert found["n"] == 7043
    assert found["warnings"] == []
