"""The generated company: believable, complete, the same for the same seed."""

import csv
import hashlib
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from perennial.demo.calendar import holidays
from perennial.demo.cast import CAST, COLLEAGUES, CSMS
from perennial.demo.company.features import FEATURES
from perennial.demo.files import COLUMNS
from perennial.demo.generate import write

END_ON = date(2026, 6, 30)
CUSTOMERS, EVENTS = 150, 120_000


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("company")
    write(to, customers=CUSTOMERS, events=EVENTS, seed=7, end_on=END_ON)
    return to


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def daily_counts(folder: Path) -> dict[str, dict[date, int]]:
    """Events by customer and business day."""
    counts: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    table = pq.read_table(folder / "events.parquet", columns=["customer_id", "timestamp"])
    for customer, moment in zip(*(column.to_pylist() for column in table.columns), strict=True):
        counts[customer][(moment + timedelta(hours=8)).date()] += 1
    return counts


def files_of(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*.*")):
        yield str(path.relative_to(folder)), hashlib.sha256(path.read_bytes()).hexdigest()


def test_sizes_are_as_asked(company: Path) -> None:
    assert len(rows(company, "customers")) == CUSTOMERS
    assert pq.read_metadata(company / "events.parquet").num_rows == EVENTS
    parameters = json.loads((company / "truth/parameters.json").read_text("utf-8"))
    assert (parameters["customers"], parameters["events"]) == (CUSTOMERS, EVENTS)


@pytest.mark.parametrize(("customers", "events"), [(1, 0), (1, 5), (9, 200), (3, 40_000)], ids=str)
def test_tiny_companies_are_exact_too(tmp_path: Path, customers: int, events: int) -> None:
    write(tmp_path, customers=customers, events=events, seed=1, end_on=END_ON)
    assert pq.read_metadata(tmp_path / "events.parquet").num_rows == events
    assert len(rows(tmp_path, "customers")) == customers


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder, seed in (("a", 3), ("b", 3), ("c", 4)):
        write(tmp_path / folder, customers=40, events=9_000, seed=seed, end_on=END_ON)
    first, again, other = (dict(files_of(tmp_path / folder)) for folder in "abc")
    assert first == again
    assert first["orders.csv"] != other["orders.csv"]


def test_the_english_twin_has_the_same_numbers(company: Path, tmp_path: Path) -> None:
    write(tmp_path, customers=CUSTOMERS, events=EVENTS, seed=7, end_on=END_ON, language="en")
    texts = {"name", "role", "industry", "region", "tags", "note", "comment", "kind", "subject"}
    for name in COLUMNS:
        if not (company / f"{name}.csv").exists():
            continue
        chinese, english = rows(company, name), rows(tmp_path, name)
        numbers = [key for key in chinese[0] if key not in texts]
        assert [[row[key] for key in numbers] for row in chinese] == [
            [row[key] for key in numbers] for row in english
        ], name
    names = [{row["name"] for row in rows(folder, "customers")} for folder in (company, tmp_path)]
    assert names[0] == names[1], "companies have both names in both twins"
    for name in ("people", "touches", "tickets", "surveys"):
        text = (tmp_path / f"{name}.csv").read_text("utf-8")
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in text), name
    same = (folder / "events.parquet" for folder in (company, tmp_path))
    assert len({file.read_bytes() for file in same}) == 1


def test_every_reference_points_at_a_row(company: Path) -> None:
    customers = {row["external_id"] for row in rows(company, "customers")}
    people = {row["external_id"] for row in rows(company, "people")}
    orders = {row["order_id"] for row in rows(company, "orders")}
    colleagues = {colleague.email for colleague in COLLEAGUES}
    for name in ("people", "orders", "pauses", "tickets", "surveys", "touches", "invoices"):
        assert {row["customer_id"] for row in rows(company, name)} <= customers, name
    assert {row["person_id"] for row in rows(company, "touches")} <= people
    assert {row["owner"] for row in rows(company, "customers")} <= colleagues
    assert {row["order_id"] for row in rows(company, "truth/renewals")} <= orders
    for row in rows(company, "orders"):
        needs = row["kind"] in ("renewal", "downsell", "cancellation")
        named = [each for each in row["renews"].split(";") if each]
        assert bool(named) == needs
        assert set(named) <= orders - {row["order_id"]}


def test_ids_do_not_repeat(company: Path) -> None:
    for name in ("customers", "people", "tickets", "surveys", "touches", "invoices"):
        ids = [row["external_id"] for row in rows(company, name)]
        assert len(ids) == len(set(ids)), name
    lines = [(row["order_id"], row["line"]) for row in rows(company, "orders")]
    assert len(lines) == len(set(lines))
    messages = pq.read_table(company / "events.parquet", columns=["message_id"])
    assert len(set(messages.column(0).to_pylist())) == EVENTS


def test_terms_and_amounts_obey_the_ledger(company: Path) -> None:
    for row in rows(company, "orders"):
        assert not row["end_on"] or row["start_on"] < row["end_on"]
        assert row["signed_on"] <= END_ON.isoformat()
        amount = float(row["recurring_amount"] or 0)
        match row["kind"]:
            case "downsell":
                assert amount <= 0
            case "trial" | "buyout" | "cancellation":
                assert amount == 0
            case _:
                assert amount > 0


def test_nothing_is_known_from_the_future(company: Path) -> None:
    for name in COLUMNS:
        if (company / f"{name}.csv").exists() and "recorded_at" in COLUMNS[name]:
            assert max(row["recorded_at"] for row in rows(company, name))[:10] <= str(END_ON), name
    table = pq.read_table(company / "events.parquet", columns=["timestamp", "received_at"])
    at, received = (column.to_numpy() for column in table.columns)
    assert (at[1:] >= at[:-1]).all(), "in order of time"
    assert (received >= at).all()
    assert received.max() < np.datetime64(END_ON + timedelta(days=1)) - np.timedelta64(8, "h")
    assert 0.01 < np.mean(received - at > np.timedelta64(1, "h")) < 0.06


def test_every_kind_of_order_and_renewal_happens(company: Path) -> None:
    orders = rows(company, "orders")
    assert {row["kind"] for row in orders} == {
        *("new", "renewal", "addon", "downsell", "trial", "buyout", "cancellation")
    }
    due = {
        row["order_id"]: date.fromisoformat(row["due_on"])
        for row in rows(company, "truth/renewals")
    }
    signed_days = [
        (due[named] - date.fromisoformat(row["signed_on"])).days
        for row in orders
        if row["kind"] == "renewal"
        for named in row["renews"].split(";")
        if named in due
    ]
    assert min(signed_days) < 0 < 31 < max(signed_days), "late, on time and early"
    assert any(row["one_off_amount"] for row in orders)
    assert any(not row["end_on"] for row in orders if row["kind"] == "new"), "open-ended"
    starts = {row["start_on"][:4] for row in orders}
    assert len(starts) >= 5


def test_the_truth_of_a_renewal_is_the_order_that_renews_it(company: Path) -> None:
    named = {
        each
        for row in rows(company, "orders")
        if row["kind"] == "renewal"
        for each in row["renews"].split(";")
    }
    decided = [
        row
        for row in rows(company, "truth/renewals")
        if date.fromisoformat(row["due_on"]) < END_ON - timedelta(days=28)
    ]
    assert len(decided) > 100
    assert all((row["renewed"] == "true") == (row["order_id"] in named) for row in decided)


def test_renewals_follow_the_planted_probability(tmp_path: Path) -> None:
    write(tmp_path, customers=1_500, events=1_000, seed=2, end_on=END_ON)
    truth = rows(tmp_path, "truth/renewals")
    probability = np.array([float(row["probability"]) for row in truth])
    renewed = np.array([row["renewed"] == "true" for row in truth])
    assert abs(probability.mean() - renewed.mean()) < 0.03
    likely = probability > np.median(probability)
    assert renewed[likely].mean() > renewed[~likely].mean() + 0.1


def test_usage_falls_before_a_lost_renewal(tmp_path: Path) -> None:
    write(tmp_path, customers=500, events=500_000, seed=5, end_on=END_ON)
    orders = {row["order_id"]: row["customer_id"] for row in rows(tmp_path, "orders")}
    counts = daily_counts(tmp_path)
    ratios: dict[str, list[float]] = {"true": [], "false": []}
    for row in rows(tmp_path, "truth/renewals"):
        due_on = date.fromisoformat(row["due_on"])
        usage = counts[orders[row["order_id"]]]
        last = sum(usage[due_on - timedelta(days=day)] for day in range(21)) / 21
        before = sum(usage[due_on - timedelta(days=day)] for day in range(130, 214)) / 84
        if before * 7 >= 3 and due_on <= END_ON:
            ratios[row["renewed"]].append(last / before)
    assert len(ratios["false"]) >= 20
    assert np.mean(ratios["false"]) < 0.65 * np.mean(ratios["true"])
    assert np.mean(np.array(ratios["false"]) > 0.7) > 0.1, "some leave without warning"


def test_weekends_and_holidays_are_quiet(company: Path) -> None:
    days: dict[date, int] = defaultdict(int)
    for usage in daily_counts(company).values():
        for day, count in usage.items():
            days[day] += count
    normal = np.mean([count for day, count in days.items() if day.weekday() < 5])
    weekend = np.mean([count for day, count in days.items() if day.weekday() >= 5])
    assert weekend < 0.3 * normal
    breaks = [period for period in holidays(2025) if (period[1] - period[0]).days >= 7]
    assert [period[0] for period in breaks] == [date(2025, 1, 28), date(2025, 10, 1)]
    for start, end in breaks:
        quiet = [days[start + timedelta(days=day)] for day in range((end - start).days)]
        assert np.mean(quiet) < 0.3 * normal


def test_memory_stays_flat_while_events_stream(tmp_path: Path) -> None:
    """Ten times the events may not take a quarter of the memory that they fill as rows."""
    peaks = [_peak_bytes(tmp_path / str(events), events=events) for events in (300_000, 3_000_000)]
    assert peaks[1] < 2_000_000_000
    assert peaks[1] - peaks[0] < 2_700_000 * 150 / 4, "a row is about 150 bytes"


def _peak_bytes(to: Path, *, events: int) -> int:
    program = (
        "import resource, sys; from datetime import date; from pathlib import Path;"
        "from perennial.demo.generate import write;"
        "write(Path(sys.argv[1]), customers=60, events=int(sys.argv[2]), end_on=date(2026, 6, 30));"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)"
    )
    command = [sys.executable, "-c", program, str(to), str(events)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def test_few_enough_functions_for_the_feature_registry() -> None:
    names = [name for rows_ in FEATURES.values() for name, _, _ in rows_]
    assert max(len(rows_) for rows_ in FEATURES.values()) <= 40
    assert len(names) == len(set(names)) <= 60


def test_the_cast_is_in_the_company(company: Path) -> None:
    customers = {row["external_id"]: row for row in rows(company, "customers")}
    for member in CAST:
        row = customers[member.external_id]
        assert (row["name"], row["name_en"]) == member.name
        assert (row["owner"], row["tier"]) == (member.owner, member.tier)
    books = {csm.email: 0 for csm in CSMS}
    for row in customers.values():
        books[row["owner"]] += 1
    assert len(books) == 6
    assert max(books.values()) > 2 * min(books.values()) > 0
