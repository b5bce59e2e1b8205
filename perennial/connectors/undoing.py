"""Takes the rows of an import back, unless later work stands on them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from django.apps import apps
from django.db.models import Field, Model

from perennial.connectors.kinds import kind_named
from perennial.connectors.models import Import, ImportChange
from perennial.contracts.actions import withdraw_batch
from perennial.contracts.models import OrderLine, Pause
from perennial.customers.models import Customer, Outcome
from perennial.customers.upsert import chunks
from perennial.events.load import ReplacedSince, undo_batch
from perennial.events.store import open_store


def take_back(record: Import) -> tuple[int, list[str]]:
    """Undo the rows; returns how many, and the names of rows that later work touched (the
    caller rolls back when there are any). Runs inside the caller's transaction."""
    if kind_named(record.kind).stored:
        try:
            return undo_batch(record.pk, store=open_store()), []
        except ReplacedSince as later:
            return 0, later.rows
    touched: list[str] = []
    count = 0
    if record.kind in ("orders", "pauses"):
        touched += _built_upon(record.pk)
        count += OrderLine.objects.filter(batch=record.pk).count()
        count += Pause.objects.filter(batch=record.pk).count()
        withdraw_batch(record.pk)
    count += Outcome.objects.filter(batch=record.pk).delete()[0]
    changes = ImportChange.objects.filter(of=record).order_by("table", "row", "-pk")
    for table, of_table in groupby(changes.iterator(2_000), key=lambda it: it.table):
        model = apps.get_model(table)
        by_row = [list(group) for _row, group in groupby(of_table, key=lambda it: it.row)]
        count += len(by_row)
        for part in chunks(by_row):
            touched += _take_back_some(model, part, record.pk)
    return count, touched


def _take_back_some(
    model: type[Model], rows: Iterable[list[ImportChange]], batch: int
) -> list[str]:
    """`rows`: the changes of one row, newest first."""
    found = model._default_manager.in_bulk([changes[0].row for changes in rows])
    touched: list[str] = []
    made: list[Model] = []
    for changes in rows:
        item = found.get(changes[0].row)
        newest = changes[0]
        if item is None:
            continue  # removed since, with whatever stood on it
        if (
            getattr(item, "batch", None) != batch
            or getattr(item, "version", newest.version) != newest.version
        ):
            touched.append(str(item))
        elif any(it.before is None for it in changes):
            made.append(item)
        else:
            for change in changes:
                _restore(item, change.before or {})
            item.save()
    touched += _children_of_others(made, batch)
    if not touched:
        model._default_manager.filter(pk__in=[it.pk for it in made]).delete()
    return touched


def _restore(item: Model, before: dict[str, object]) -> None:
    for name, value in before.items():
        field = item._meta.get_field(name)
        setattr(item, name, field.to_python(value) if isinstance(field, Field) else value)
    if hasattr(item, "version"):
        item.version += 1


def _children_of_others(made: list[Model], batch: int) -> list[str]:
    """Customers that this import made and that facts recorded elsewhere belong to."""
    if not made or not isinstance(made[0], Customer):
        return []
    ids = [it.pk for it in made]
    holding: set[int] = set()
    for relation in Customer._meta.related_objects:
        model = relation.related_model
        # Facts carry the import that brought them; what is computed does not hold an undo back.
        if isinstance(model, str) or not any(it.name == "batch" for it in model._meta.fields):
            continue
        column = relation.field.attname
        rows = model._default_manager.filter(**{f"{column}__in": ids}).exclude(batch=batch)
        holding.update(rows.values_list(column, flat=True))
    return [str(it) for it in made if it.pk in holding]


def _built_upon(batch: int) -> list[str]:
    """Orders of the import that rows of later imports correct or renew."""
    mine = set(OrderLine.objects.filter(batch=batch).values_list("order_id", flat=True))
    touched: set[str] = set()
    for part in chunks(sorted(mine)):
        later = OrderLine.objects.filter(order_id__in=part, batch__gt=batch)
        touched.update(later.values_list("order_id", flat=True))
    for renews in OrderLine.objects.filter(batch__gt=batch).values_list("renews", flat=True):
        touched.update(mine.intersection(renews))
    return sorted(touched)
