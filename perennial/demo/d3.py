"""Profile d3: renewals with twelve features and a known probability, to measure risk models.

About 29 % churn. Part of the risk is not observed, so that no model can reach the oracle, whose
AUC (true probabilities against what happened) lies between .80 and .84.
Source: metric specification D3.
"""

import csv
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from perennial.demo.files import CsvFiles, write_json
from perennial.units.period import add_months

Columns = dict[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class D3Parameters:
    """The logit of churn: intercept + Σ weight × standardised feature + two non-linear terms
    + unobserved noise."""

    churn_rate: float = 0.29
    unobserved_sd: float = 0.62
    weights: tuple[tuple[str, float], ...] = (
        ("usage_trend_rate", -0.56),
        ("seat_login_rate", -0.44),
        ("feature_breadth", -0.28),
        ("active_days_28d", -0.32),
        ("days_since_sponsor", 0.28),
        ("open_tickets", 0.20),
        ("complaints_180d", 0.24),
        ("nps", -0.28),
        ("overdue_days", 0.20),
        ("cycle", -0.24),
        ("price_change_rate", 0.16),
        ("seats_log", -0.12),
    )
    trend_fall_extra: float = 0.45  # when usage falls by more than one deviation
    young_and_unused_extra: float = 0.50  # first cycle with low seat use
    missing_share: float = 0.12  # of nps and days_since_sponsor
    months: int = 30


def write_d3(to: Path, *, renewals: int, seed: int, end_on: date) -> dict[str, int]:
    """Writes features.csv, customers.csv, orders.csv and truth/; returns the rows of each."""
    parameters, generator = D3Parameters(), np.random.default_rng([seed, 30])
    scores = _scores(renewals, generator=generator, parameters=parameters)
    logit = _logit(scores, generator=generator, parameters=parameters)
    churn = 1 / (1 + np.exp(-logit))
    churned = generator.random(renewals) < churn
    amounts = np.round(np.exp(np.log(39_000) + 1.05 * generator.normal(size=renewals)), -2)
    due = np.sort(generator.integers(0, parameters.months * 30, renewals))
    due_on = [end_on - timedelta(days=int(parameters.months * 30 - 1 - day)) for day in due]
    (to / "truth").mkdir(parents=True, exist_ok=True)
    table = _readable(scores, generator=generator, parameters=parameters)
    with (to / "features.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["order_id", "customer_id", "due_on", "amount", *table, "churned"])
        for row in range(renewals):
            label = "yes" if churned[row] else "no"
            features = [column[row] for column in table.values()]
            identity = [f"SO-{row + 1:06d}", f"R{row + 1:06d}", due_on[row], f"{amounts[row]:.0f}"]
            writer.writerow([*identity, *features, label])
    rows = {"features": renewals}
    rows |= _write_ledger(to, due_on=due_on, amounts=amounts, churn=churn, churned=churned)
    settings = {"profile": "d3", "seed": seed, "renewals": renewals}
    settings |= {"end_on": end_on.isoformat(), "oracle_auc": f"{auc(churn, churned):.4f}"}
    write_json(to / "truth" / "parameters.json", settings | asdict(parameters))
    return rows


def auc(score: NDArray[np.float64], positive: NDArray[np.bool_]) -> float:
    """Share of pairs (positive, negative) that the score puts in the right order."""
    ranks = np.empty(len(score))
    ranks[np.argsort(score)] = np.arange(1, len(score) + 1)
    hits = int(positive.sum())
    return float((ranks[positive].sum() - hits * (hits + 1) / 2) / (hits * (len(score) - hits)))


def _scores(rows: int, *, generator: np.random.Generator, parameters: D3Parameters) -> Columns:
    """Standard normal features; those about usage go together."""
    common = generator.normal(size=rows)
    usage = ("usage_trend_rate", "seat_login_rate", "feature_breadth", "active_days_28d")
    return {
        name: (0.5 * common + 0.75**0.5 * own) if name in usage else own
        for name, own in ((name, generator.normal(size=rows)) for name, _ in parameters.weights)
    }


def _logit(
    scores: Columns, *, generator: np.random.Generator, parameters: D3Parameters
) -> NDArray[np.float64]:
    """The true logit of churn, with the intercept that gives the wanted churn rate."""
    logit = sum(weight * scores[name] for name, weight in parameters.weights) + np.zeros(1)
    logit = logit + parameters.trend_fall_extra * (scores["usage_trend_rate"] < -1)
    young_and_unused = (scores["cycle"] < -0.3) & (scores["seat_login_rate"] < -0.5)
    logit = logit + parameters.young_and_unused_extra * young_and_unused
    logit = logit + parameters.unobserved_sd * generator.normal(size=len(logit))
    low, high = -10.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        if float(np.mean(1 / (1 + np.exp(-(logit + middle))))) < parameters.churn_rate:
            low = middle
        else:
            high = middle
    shifted: NDArray[np.float64] = logit + low
    return shifted


def _readable(
    scores: Columns, *, generator: np.random.Generator, parameters: D3Parameters
) -> dict[str, list[str]]:
    """The features in the units that a CSM knows; some answers and contacts are missing."""
    share = {name: 1 / (1 + np.exp(-1.2 * score)) for name, score in scores.items()}
    table = {
        "usage_trend_rate": [f"{value:.3f}" for value in 0.25 * scores["usage_trend_rate"]],
        "seat_login_rate": [f"{value:.3f}" for value in share["seat_login_rate"]],
        "feature_breadth": [f"{value:.0f}" for value in 3 + 25 * share["feature_breadth"]],
        "active_days_28d": [f"{value:.0f}" for value in 28 * share["active_days_28d"]],
        "days_since_sponsor": [
            f"{value:.0f}" for value in 45 * np.exp(0.8 * scores["days_since_sponsor"])
        ],
        "open_tickets": [f"{value:.0f}" for value in np.exp(0.9 * scores["open_tickets"])],
        "complaints_180d": [f"{value:.0f}" for value in np.exp(scores["complaints_180d"]) / 2],
        "nps": [f"{value:.0f}" for value in np.clip(7.5 + 2 * scores["nps"], 0, 10)],
        "overdue_days": [
            f"{value:.0f}" for value in np.clip(30 * scores["overdue_days"] - 15, 0, None)
        ],
        "cycle": [f"{value:.0f}" for value in np.clip(2.2 + 1.5 * scores["cycle"], 1, None)],
        "price_change_rate": [f"{value:.3f}" for value in 0.08 * scores["price_change_rate"]],
        "seats_log": [f"{value:.3f}" for value in 3.2 + scores["seats_log"]],
    }
    for name in ("nps", "days_since_sponsor"):
        missing = generator.random(len(table[name])) < parameters.missing_share
        table[name] = [
            "" if gone else text for text, gone in zip(table[name], missing, strict=True)
        ]
    return table


def _write_ledger(
    to: Path,
    *,
    due_on: list[date],
    amounts: NDArray[np.float64],
    churn: NDArray[np.float64],
    churned: NDArray[np.bool_],
) -> dict[str, int]:
    """The orders that fall due, the renewals that followed, and the truth behind them."""
    with CsvFiles(to, ("customers", "orders", "truth/renewals")) as files:
        for row, due in enumerate(due_on):
            number, end_on = f"{row + 1:06d}", due + timedelta(days=1)
            start_on = add_months(end_on, -12)
            files.add(
                "customers",
                {
                    "external_id": f"R{number}",
                    "name": f"Customer R{number}",
                    "created_on": start_on,
                },
            )
            order = _order(number, start_on=start_on, end_on=end_on, amount=int(amounts[row]))
            files.add("orders", order)
            if not churned[row]:
                renewal = {"order_id": f"SO-{number}-R", "kind": "renewal", "signed_on": due}
                renewal |= {"start_on": end_on, "end_on": add_months(end_on, 12)}
                files.add("orders", order | renewal | {"renews": (f"SO-{number}",)})
            truth = {"order_id": f"SO-{number}", "due_on": due, "renewed": not churned[row]}
            files.add("truth/renewals", truth | {"probability": f"{1 - churn[row]:.4f}"})
        return dict(files.rows)


def _order(number: str, *, start_on: date, end_on: date, amount: int) -> dict[str, object]:
    return {
        "order_id": f"SO-{number}",
        "line": 1,
        "customer_id": f"R{number}",
        "kind": "new",
        "product": "CRM",
        "signed_on": start_on,
        "start_on": start_on,
        "end_on": end_on,
        "recurring_amount": amount,
        "currency": "CNY",
    }
