"""The grade of people in a file: what the file says, else the standard of their position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from perennial.customers.models import Customer, GradedBy, Person
from perennial.customers.people.rules.grading import Standard, grade_by, standards_for
from perennial.customers.people.standards.queries import standards
from perennial.customers.upsert import ImportedRow, chunks


def graded(rows: Sequence[ImportedRow]) -> list[ImportedRow]:
    """Rows of people (with `customer_id` as a key of the table) with grade and who said it.

    A grade of the file holds; what a colleague said stays where the file is silent.
    """
    known = standards()
    found: list[ImportedRow] = []
    for part in chunks(list(rows)):
        present = _present(part)
        products = _products(part)
        for row in part:
            key = row.values["external_id"], row.values["customer_id"]
            own = products.get(key[1], ())
            values = _graded(dict(row.values), present.get(key), own, known)
            found.append(replace(row, values=values))
    return found


def _present(rows: Sequence[ImportedRow]) -> dict[tuple[str, int], tuple[str, str, str]]:
    ids = {row.values["external_id"] for row in rows}
    people = Person.objects.filter(external_id__in=ids).values_list(
        "external_id", "customer_id", "grade", "graded_by", "role"
    )
    return {(name, pk): (grade, by, role) for name, pk, grade, by, role in people}


def _products(rows: Sequence[ImportedRow]) -> dict[int, Sequence[str]]:
    pks = {row.values["customer_id"] for row in rows}
    return dict(Customer.objects.filter(pk__in=pks).values_list("pk", "products"))


def _graded(
    values: dict[str, Any],
    present: tuple[str, str, str] | None,
    products: Sequence[str],
    known: Mapping[str, Standard],
) -> dict[str, Any]:
    grade, graded_by, role = present or ("", "", "")
    said = values.get("grade")
    if said:
        return values if said == grade else values | {"graded_by": ""}
    is_files = bool(grade) and not graded_by
    if graded_by == GradedBy.PERSON or (is_files and "grade" not in values):
        values.pop("grade", None)
        return values
    fits = grade_by(standards_for(products, known), values.get("role", role))
    return values | {"grade": fits, "graded_by": GradedBy.STANDARD if fits else ""}
