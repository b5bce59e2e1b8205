"""The company profile: draws the customers, writes their files, then streams the events."""

from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray

from perennial.demo.company.model import Customer
from perennial.demo.company.people import draw_customer, draw_people
from perennial.demo.company.story import write_story
from perennial.demo.company.stream import Base, Progress, write_events
from perennial.demo.company.usage import draw_counts, draw_users, expected_usage, product_sets
from perennial.demo.company.voices import Voices
from perennial.demo.files import CsvFiles, write_json
from perennial.demo.parameters import CompanyParameters
from perennial.units.period import add_months

FILES = (
    *("customers", "people", "orders", "pauses", "tickets", "surveys", "invoices", "touches"),
    *("outcomes", "truth/drops", "truth/renewals"),
)
SIZES = ((20, "1–20"), (100, "21–100"), (500, "101–500"), (2_000, "501–2000"))


def write_company(
    to: Path,
    *,
    customers: int,
    events: int | None,
    seed: int,
    language: str,
    end_on: date,
    progress: Progress | None = None,
) -> dict[str, int]:
    """Writes the company's import files and truth; returns the rows of each file."""
    parameters = CompanyParameters()
    start_on = add_months(end_on + timedelta(days=1), -parameters.history_months)
    days = (end_on - start_on).days + 1
    events = parameters.events_per_customer * customers if events is None else events
    stories = draw_stories(customers, seed=seed, end_on=end_on)
    expected = np.empty((customers, days), dtype=np.float32)
    for story in stories:
        rng = chance(f"{seed}:usage:{story.index}")
        expected[story.index] = expected_usage(story, rng=rng, start_on=start_on, days=days)
    base = Base(
        customer_ids=tuple(story.external_id for story in stories),
        breadths=_breadths(stories),
        users=draw_users(stories, seed=seed, start_on=start_on, days=days),
        sets=product_sets(stories, start_on=start_on),
        counts=draw_counts(
            expected.copy(),
            generator=np.random.default_rng([seed, 1]),
            parameters=parameters,
            start_on=start_on,
            events=events,
        ),
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


def draw_stories(customers: int, *, seed: int, end_on: date) -> list[Customer]:
    """Every customer's story. Each has its own stream of chance, so that one changes no other."""
    parameters, taken = CompanyParameters(), set[str]()
    stories: list[Customer] = []
    for index in range(customers):
        rng = chance(f"{seed}:{index}")
        story = draw_customer(index, rng=rng, parameters=parameters, end_on=end_on, taken=taken)
        write_story(story, rng=rng, parameters=parameters, end_on=end_on)
        story.people = draw_people(story, rng=rng, parameters=parameters, end_on=end_on)
        stories.append(story)
    return stories


def chance(key: str) -> Random:
    """A stream of chance of its own: the same key, the same draws."""
    return Random(key)  # noqa: S311  invented data, no secrets


def _breadths(stories: list[Customer]) -> NDArray[np.int8]:
    quality = np.array([story.quality for story in stories])
    return np.digitize(quality, (-0.5, 0.7)).astype(np.int8)


def _write_customer(
    files: CsvFiles, story: Customer, *, seed: int, span: tuple[date, date], language: str
) -> None:
    size = next((name for limit, name in SIZES if story.seats * 4 <= limit), "2000+")
    created_on = min(order.signed_on for order in story.orders)
    files.add(
        "customers",
        {
            "external_id": story.external_id,
            "name": story.name.text(language),
            "name_en": story.name.en,
            "industry": story.industry.name.text(language),
            "size": size,
            "region": story.region.text(language),
            "website": story.website,
            "owner": story.owner,
            "tags": tuple(tag.text(language) for tag in story.tags),
            "created_on": created_on,
            "tier": story.tier,
            "observed_until": span[1],
            "recorded_at": datetime.combine(created_on, time(10)),
        },
    )
    for person in story.people:
        files.add(
            "people",
            {
                "external_id": person.external_id,
                "customer_id": story.external_id,
                "name": person.name.text(language),
                "email": person.email,
                "role": person.title.text(language),
                "grade": person.grade,
                "from_on": person.from_on,
                "to_on": person.to_on,
                "recorded_at": datetime.combine(person.to_on or person.from_on, time(10)),
            },
        )
    for order in story.orders:
        row = {name: getattr(order, name) for name in order.__slots__}
        files.add("orders", row | {"customer_id": story.external_id, "currency": "CNY"})
    for pause in story.pauses:
        row = {name: getattr(pause, name) for name in pause.__slots__}
        files.add("pauses", row | {"customer_id": story.external_id})
    for outcome in story.outcomes:
        recorded_at = datetime.combine(outcome.occurred_on, time(18))
        row = {"outcome": outcome.outcome, "occurred_on": outcome.occurred_on}
        if outcome.occurred_on <= span[1]:
            row |= {"customer_id": story.external_id, "recorded_at": recorded_at}
            files.add("outcomes", row)
    rng = chance(f"{seed}:voices:{story.index}")
    voices = Voices(story, rng, *span, language)
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
