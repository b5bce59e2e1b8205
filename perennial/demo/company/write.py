"""The company profile: draws the customers, writes their files, then streams the events."""

from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray

from perennial.demo.closing import record_late
from perennial.demo.company.agreements import discount_first_year, draw_agreement
from perennial.demo.company.billing import bill_in_dollars, meter_usage
from perennial.demo.company.model import Customer
from perennial.demo.company.people import draw_customer, draw_people
from perennial.demo.company.rows import fact_rows
from perennial.demo.company.story import write_story
from perennial.demo.company.stream import Base, write_events
from perennial.demo.company.usage import draw_counts, draw_users, expected_usage, product_sets
from perennial.demo.company.voices import Voices
from perennial.demo.files import CsvFiles, write_json
from perennial.demo.parameters import CompanyParameters
from perennial.units.period import add_months
from perennial.units.progress import Progress, silent

FILES = (
    *("customers", "people", "orders", "pauses", "tickets", "surveys", "invoices", "touches"),
    *("outcomes", "truth/drops", "truth/renewals"),
)


def write_company(
    to: Path,
    *,
    customers: int,
    events: int | None,
    seed: int,
    language: str,
    end_on: date,
    billed: bool = False,
    progress: Progress = silent,
) -> dict[str, int]:
    """Writes the company's import files and truth; returns the rows of each file. `billed`: with
    the customers that pay in dollars or by use."""
    parameters = CompanyParameters()
    start_on = history_start(end_on)
    days = (end_on - start_on).days + 1
    events = parameters.events_per_customer * customers if events is None else events
    stories = draw_stories(customers, seed=seed, end_on=end_on)
    if billed:
        bill_in_dollars(stories, end_on=end_on)
        meter_usage(stories, end_on=end_on, rng=chance(f"{seed}:metered"))
    base = Base(
        customer_ids=tuple(story.external_id for story in stories),
        breadths=_breadths(stories),
        users=draw_users(stories, seed=seed, start_on=start_on, days=days),
        sets=product_sets(stories, start_on=start_on),
        counts=_usage(stories, seed=seed, start_on=start_on, days=days, events=events),
        start_on=start_on,
        parameters=parameters,
    )
    with CsvFiles(to, FILES) as files:
        for story in stories:
            _write_customer(files, story, seed=seed, span=(start_on, end_on), language=language)
            _write_truth(files, story, counts=base.counts[story.index], start_on=start_on)
        rows = dict(files.rows)
    rows["events"] = write_events(to / "events.parquet", base=base, seed=seed, progress=progress)
    settings = {"profile": "company", "seed": seed, "customers": customers, "events": events}
    settings |= {"start_on": start_on.isoformat(), "end_on": end_on.isoformat()}
    write_json(to / "truth" / "parameters.json", settings | asdict(parameters))
    return rows


def _usage(
    stories: list[Customer], *, seed: int, start_on: date, days: int, events: int
) -> NDArray[np.int32]:
    """Events by customer and day, `events` in all."""
    expected = np.empty((len(stories), days), dtype=np.float32)
    for story in stories:
        rng = chance(f"{seed}:usage:{story.index}")
        expected[story.index] = expected_usage(story, rng=rng, start_on=start_on, days=days)
    return draw_counts(
        expected,
        generator=np.random.default_rng([seed, 1]),
        parameters=CompanyParameters(),
        start_on=start_on,
        events=events,
    )


def history_start(end_on: date) -> date:
    """First day with events."""
    return add_months(end_on + timedelta(days=1), -CompanyParameters().history_months)


def draw_stories(customers: int, *, seed: int, end_on: date) -> list[Customer]:
    """Every customer's story. Each has its own stream of chance, so that one changes no other."""
    parameters, taken = CompanyParameters(), set[str]()
    stories: list[Customer] = []
    for index in range(customers):
        rng = chance(f"{seed}:{index}")
        story = draw_customer(index, rng=rng, parameters=parameters, end_on=end_on, taken=taken)
        agreed = chance(f"{seed}:agreed:{index}")
        if story.cast is None:
            story.agreement = draw_agreement(agreed, parameters=parameters)
        write_story(story, rng=rng, parameters=parameters, end_on=end_on)
        discount_first_year(story, rng=agreed, parameters=parameters)
        story.people = draw_people(story, rng=rng, parameters=parameters, end_on=end_on)
        stories.append(story)
    record_late(stories, end_on=end_on)
    return stories


def chance(key: str) -> Random:
    """A stream of chance of its own: the same key, the same draws."""
    return Random(key)  # noqa: S311  invented data, no secrets


def _breadths(stories: list[Customer]) -> NDArray[np.int8]:
    quality = np.array([story.quality for story in stories])
    breadths: NDArray[np.int8] = np.digitize(quality, (-0.5, 0.7)).astype(np.int8)
    return breadths


def _write_customer(
    files: CsvFiles, story: Customer, *, seed: int, span: tuple[date, date], language: str
) -> None:
    for name, row in fact_rows(story, end_on=span[1], language=language):
        files.add(name, row)
    voices = Voices(story, chance(f"{seed}:voices:{story.index}"), *span, language)
    for name, rows in (
        ("touches", voices.touches()),
        ("tickets", voices.tickets()),
        ("surveys", voices.answers()),
        ("invoices", voices.invoices()),
    ):
        for each in rows:
            files.add(name, each)


def _write_truth(
    files: CsvFiles, story: Customer, *, counts: NDArray[np.int32], start_on: date
) -> None:
    """`weekly_rate` is the mean of the 56 days before the fall."""
    for decline in story.declines:
        day = (decline.starts_on - start_on).days
        before = counts[max(day - 56, 0) : max(day, 0)]
        if decline.kind == "pause" or len(before) < 28 or day >= len(counts):
            continue
        files.add(
            "truth/drops",
            {
                "customer_id": story.external_id,
                "starts_on": decline.starts_on,
                "depth": decline.depth,
                "kind": decline.kind,
                "weekly_rate": f"{float(before.mean()) * 7:.3f}",
            },
        )
    for renewal in story.renewals:
        row: dict[str, object] = {name: getattr(renewal, name) for name in renewal.__slots__}
        files.add("truth/renewals", row | {"probability": f"{renewal.probability:.4f}"})
