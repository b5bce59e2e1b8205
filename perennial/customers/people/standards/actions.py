"""Changes to grade standards, and people graded by them: one transaction, one audit line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext_noop

from perennial.customers.actions import EditConflict
from perennial.customers.models import Customer, GradedBy, GradeStandard, Person
from perennial.customers.people.rules.grading import of, plain
from perennial.customers.people.rules.shipped import SHIPPED
from perennial.customers.people.standards.checks import faults_of
from perennial.customers.people.standards.queries import changed, standards
from perennial.team import audit
from perennial.team.models import User
from perennial.units.errors import InputRefused

AT_ONCE = 1_000


@transaction.atomic
def save_standard(
    product: str,
    definition: Mapping[str, Any],
    *,
    version: int | None,
    files_too: bool = False,
    by: User | None,
    at: datetime,
) -> int:
    """Let a standard count from now on; how many people it grades otherwise.

    `version` is the one that was read (0: as shipped or new; None: whichever stands).
    Raises InputRefused with every fault, EditConflict when somebody was faster.
    """
    _refuse(faults_of(definition))
    rules = plain(of(product, definition))
    row = GradeStandard.objects.select_for_update().filter(product=product).first()
    if version is not None and version != (row.version if row else 0):
        raise EditConflict(
            gettext_noop("Somebody changed this standard in the meantime. Open it anew.")
        )
    GradeStandard.objects.update_or_create(
        product=product,
        defaults={
            "rules": rules,
            "changed_at": at,
            "changed_by": by,
            "version": (row.version if row else 0) + 1,
        },
    )
    count = regrade(Person.objects.filter(to_on__isnull=True), files_too=files_too)
    _line("grade_standard.changed", product, count, by=by, at=at)
    return count


@transaction.atomic
def drop_standard(product: str, *, by: User | None, at: datetime) -> int:
    """Back to what we ship, or to the standard for all others; how many people change."""
    gone, _rows = GradeStandard.objects.filter(product=product).delete()
    if not gone:
        raise InputRefused(gettext_noop("Nobody wrote a standard for this product."))
    count = regrade(Person.objects.filter(to_on__isnull=True))
    _line("grade_standard.dropped", product, count, by=by, at=at)
    return count


def _line(action: str, product: str, count: int, *, by: User | None, at: datetime) -> None:
    audit.record(
        action,
        object_type="grade_standard",
        object_id=product,
        summary=product,
        detail={"people": count, "is_shipped": product in SHIPPED},
        by=by,
        at=at,
    )


def _refuse(faults: Sequence[Any]) -> None:
    if faults:
        first = faults[0]
        refused = InputRefused(first.message, code=first.code, params=first.params)
        refused.errors = faults
        raise refused


def regrade(people: QuerySet[Person], *, files_too: bool = False) -> int:
    """Grade by the standards in force whom nobody graded by hand; how many change.

    Part of an action or an import, whose audit line covers it.
    """
    by_grade: dict[str, list[int]] = {}
    for it in changed(people, standards(), files_too=files_too):
        by_grade.setdefault(it.after, []).append(it.person.pk)
    for grade, pks in by_grade.items():
        said_by = GradedBy.STANDARD if grade else ""
        for start in range(0, len(pks), AT_ONCE):
            Person.objects.filter(pk__in=pks[start : start + AT_ONCE]).update(
                grade=grade, graded_by=said_by, version=F("version") + 1
            )
    return sum(map(len, by_grade.values()))


@transaction.atomic
def keep_products(products: Mapping[int, Sequence[str]]) -> int:
    """Write down what customers have in service and grade their people by it; how many
    customers changed. Part of the day: nothing is written where nothing changed."""
    rows = Customer.objects.filter(merged_into__isnull=True).values_list("pk", "products")
    fresh = {
        pk: sorted(products.get(pk, ()))
        for pk, kept in rows.iterator(5_000)
        if sorted(products.get(pk, ())) != kept
    }
    groups: dict[tuple[str, ...], list[int]] = {}
    for pk, wanted in fresh.items():
        groups.setdefault(tuple(wanted), []).append(pk)
    for wanted_now, pks in groups.items():
        for start in range(0, len(pks), AT_ONCE):
            part = pks[start : start + AT_ONCE]
            Customer.objects.filter(pk__in=part).update(products=list(wanted_now))
            regrade(Person.objects.filter(customer__in=part, to_on__isnull=True))
    return len(fresh)
