"""A person out of the database: rows about them go, texts that name them name a pseudonym."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import F, Q, TextField
from django.db.models.functions import Cast

from perennial.connectors.models import ImportChange
from perennial.customers.models import Person
from perennial.events.erasing import Scrub
from perennial.events.models import Erasure, Reject, Tombstone, Trait
from perennial.team.models import AuditEntry, OneTimeLink, User

# A colleague's own account is no trace of the person, even under the same address.
_LEFT = {User, OneTimeLink, Tombstone, Erasure}


def is_known(scrub: Scrub) -> bool:
    """Whether any row of the database is about one of the ids."""
    ids = list(scrub.pseudonyms)
    return (
        Person.objects.filter(external_id__in=ids).exists()
        or Trait.objects.filter(about=Trait.About.PERSON, external_id__in=ids).exists()
        or any(True for _ in _naming(Reject, scrub))
    )


@transaction.atomic
def scrub_records(scrub: Scrub) -> dict[str, int]:
    """Traits and rejects of the person are deleted, their rows pseudonymised, texts rewritten;
    how many of each. Safe to repeat."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")
    ids = list(scrub.pseudonyms)
    traits = Trait.objects.filter(about=Trait.About.PERSON, external_id__in=ids).delete()[0]
    named = [it.pk for it in _naming(Reject, scrub)]
    rejects = Reject.objects.filter(pk__in=named).delete()[0]
    people = list(Person.objects.filter(external_id__in=ids))
    for person in people:
        _person(person, scrub)
    texts = sum(
        _rewrite(row, scrub)
        for model in apps.get_models()
        if model not in _LEFT
        for row in _naming(model, scrub)
    )
    return {"traits": traits, "rejects": rejects, "people": len(people), "texts": texts}


def _person(person: Person, scrub: Scrub) -> None:
    """The row stays, for counts; who it was does not, nor in what was done to it."""
    new = scrub.pseudonyms[person.external_id]
    ImportChange.objects.filter(table=Person._meta.label, row=person.pk).update(before=None)
    lines = AuditEntry.objects.filter(
        action__startswith="person.", object_type="customer", object_id=str(person.customer_id)
    )
    lines.filter(summary=person.name).update(summary=new, detail={})
    Person.objects.filter(pk=person.pk).update(
        external_id=new,
        name=new,
        pinyin="",
        email="",
        phone="",
        personal_needs="",
        left_to="",
        version=F("version") + 1,
    )


def _texts(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    kinds = (models.CharField, models.TextField, models.JSONField)
    return [it for it in model._meta.fields if isinstance(it, kinds) and not it.primary_key]


def _naming(model: type[models.Model], scrub: Scrub) -> Iterator[models.Model]:
    """The rows of a table that name an id in one of their texts."""
    fields = _texts(model)
    if not fields:
        return
    rows = model._default_manager.all()
    tests = Q()
    for field in fields:
        name = field.name
        if isinstance(field, models.JSONField):
            name = f"{field.name}_text"
            rows = rows.annotate(**{name: Cast(field.name, TextField())})
        for form in {*scrub.forms, *scrub.pseudonyms}:
            tests |= Q(**{f"{name}__contains": form})
    for row in rows.filter(tests).order_by("pk").iterator(500):
        if _changes(row, scrub):
            yield row


def _changes(row: models.Model, scrub: Scrub) -> dict[str, object]:
    """The fields that name an id, and what they become."""
    changed: dict[str, object] = {}
    for field in _texts(type(row)):
        before = getattr(row, field.attname)
        if isinstance(field, models.JSONField):
            after = scrub.value(before)
        elif not isinstance(before, str):
            continue
        else:
            is_json = before.startswith(("{", "["))
            after = scrub.json(before) if is_json else scrub.text(before)
            after = after[: field.max_length] if field.max_length else after
        if after != before:
            changed[field.attname] = after
    return changed


def _rewrite(row: models.Model, scrub: Scrub) -> int:
    return type(row)._default_manager.filter(pk=row.pk).update(**_changes(row, scrub))
