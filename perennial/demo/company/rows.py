"""One customer's facts as rows of the import files: (file, row)."""

from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import chain

from perennial.demo.company.model import Customer

Row = dict[str, object]
SIZES = ((20, "1–20"), (100, "21–100"), (500, "101–500"), (2_000, "501–2000"))


def fact_rows(story: Customer, *, end_on: date, language: str) -> Iterator[tuple[str, Row]]:
    """The customer, its people, its ledger and what became of it, known by `end_on`."""
    yield "customers", _customer(story, end_on=end_on, language=language)
    for file, row in chain(_people(story, language=language), _ledger(story)):
        yield file, row | {"customer_id": story.external_id}
    for outcome in story.outcomes:
        if outcome.occurred_on <= end_on:
            yield (
                "outcomes",
                {
                    "customer_id": story.external_id,
                    "outcome": outcome.outcome,
                    "occurred_on": outcome.occurred_on,
                    "recorded_at": datetime.combine(outcome.occurred_on, time(18)),
                },
            )


def _customer(story: Customer, *, end_on: date, language: str) -> Row:
    created_on = min(order.signed_on for order in story.orders)
    return {
        "external_id": story.external_id,
        "name": story.name.zh,  # in both twins: the page shows the name in its own language
        "name_en": story.name.en,
        "industry": story.industry.name.text(language),
        "size": next((name for limit, name in SIZES if story.seats * 4 <= limit), "2000+"),
        "region": story.region.text(language),
        "website": story.website,
        "owner": story.owner,
        "tags": tuple(tag.text(language) for tag in story.tags),
        "created_on": created_on,
        "tier": story.tier,
        "observed_until": end_on,
        "recorded_at": datetime.combine(created_on, time(10)),
    }


def _people(story: Customer, *, language: str) -> Iterator[tuple[str, Row]]:
    for person in story.people:
        yield (
            "people",
            {
                "external_id": person.external_id,
                "name": person.name.text(language),
                "email": person.email,
                "role": person.title.text(language),
                "grade": person.grade,
                "from_on": person.from_on,
                "to_on": person.to_on,
                "recorded_at": datetime.combine(person.to_on or person.from_on, time(10)),
            },
        )


def _ledger(story: Customer) -> Iterator[tuple[str, Row]]:
    for order in story.orders:
        yield "orders", {name: getattr(order, name) for name in order.__slots__}
    for pause in story.pauses:
        yield "pauses", {name: getattr(pause, name) for name in pause.__slots__}
