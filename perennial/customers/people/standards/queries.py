"""The grade standards in force, and whom another one would grade otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from perennial.customers.models import Customer, GradedBy, GradeStandard, Person
from perennial.customers.people.rules.grading import (
    Standard,
    cadence_by,
    grade_by,
    of,
    standards_for,
)
from perennial.customers.people.rules.shipped import SHIPPED
from perennial.customers.queries import visible_customers
from perennial.team.models import User

FEW = 12


def standards() -> dict[str, Standard]:
    """By product, those that we ship replaced by what somebody wrote."""
    rows = GradeStandard.objects.order_by("product").values_list("product", "rules")
    written = {product: of(product, rules) for product, rules in rows}
    return dict(sorted((SHIPPED | written).items()))


def cadence_of(customer: Customer, grade: str) -> int | None:
    """Days between two contacts with somebody of this grade there; None: nobody said."""
    return cadence_by(standards_for(customer.products, standards()), grade)


@dataclass(frozen=True, slots=True)
class Regraded:
    """Somebody whom the standards grade otherwise than they stand."""

    person: Person
    after: str


@dataclass(frozen=True, slots=True)
class Regrading:
    """What standards would do: `changes` the first FEW of `count`, of `whole` who are there.

    `by_hand` hold what a colleague said; `by_file` what their file said, unless asked for.
    """

    changes: list[Regraded]
    count: int
    whole: int
    by_hand: int
    by_file: int


def regrading(user: User, wanted: Mapping[str, Standard], *, files_too: bool) -> Regrading:
    """What these standards would change among the people whom the user sees."""
    seen = visible_customers(user).values("pk")
    people = Person.objects.filter(customer__in=seen, to_on__isnull=True)
    changes = list(changed(people, wanted, files_too=files_too))
    by_hand = people.filter(graded_by=GradedBy.PERSON).count()
    by_file = 0 if files_too else people.filter(_by_file()).count()
    return Regrading(changes[:FEW], len(changes), people.count(), by_hand, by_file)


def _by_file() -> Q:
    return Q(graded_by="") & ~Q(grade="")


def changed(
    people: QuerySet[Person], wanted: Mapping[str, Standard], *, files_too: bool
) -> Iterator[Regraded]:
    """Whom the standards may grade and grade otherwise. A file's grade stays where no row fits."""
    free = Q(graded_by=GradedBy.STANDARD) | Q(grade="")
    rows = people.filter(free | _by_file() if files_too else free).exclude(
        graded_by=GradedBy.PERSON
    )
    told: dict[tuple[tuple[str, ...], str], str] = {}
    for person in rows.select_related("customer").order_by("customer_id", "pk").iterator(2_000):
        key = tuple(person.customer.products), person.role
        if key not in told:
            told[key] = grade_by(standards_for(key[0], wanted), person.role)
        after = told[key]
        if after == person.grade or (not after and not person.graded_by):
            continue
        yield Regraded(person, after)


def graded_now(customer: Customer, position: str, known: Mapping[str, Standard]) -> str:
    """What the standards say of a position at a customer; empty: nothing."""
    return grade_by(standards_for(customer.products, known), position)


def products_in_use() -> Iterable[str]:
    """Every product that some customer has in service."""
    rows = Customer.objects.exclude(products=[]).values_list("products", flat=True)
    return sorted({product for products in rows for product in products})


def written(product: str) -> tuple[Standard | None, int]:
    """The standard in force of a product and its version; 0: as shipped, or none at all."""
    row = GradeStandard.objects.filter(product=product).first()
    return (of(product, row.rules), row.version) if row else (SHIPPED.get(product), 0)
