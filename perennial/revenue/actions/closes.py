"""Freezing a finished period (封账) as it was known on a day. Nothing is ever unfrozen: a wrong
close is replaced by a new one of the same period."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from perennial.customers.models import Customer
from perennial.revenue.documents import Basis, Document
from perennial.revenue.documents.close import exact_figures, fingerprint, rates_document
from perennial.revenue.documents.movements import movements_document, retention_document
from perennial.revenue.documents.renewals import renewals_document
from perennial.revenue.models import Close, CloseLine
from perennial.revenue.queries.clock import last_shown_day
from perennial.revenue.queries.closes import document_of
from perennial.revenue.queries.exclusions import exclusions_at
from perennial.revenue.queries.sources import Source, histories_of, source, terms_known
from perennial.revenue.rules import NOTHING, Histories, Report
from perennial.revenue.rules.renewal import renewals
from perennial.revenue.wording.figures import REASONS
from perennial.team.audit import record
from perennial.team.models import User
from perennial.units.errors import InputRefused
from perennial.units.moment import business_day
from perennial.units.period import Period
from perennial.units.sentence import sentence


@transaction.atomic
def close_period(
    period: Period, *, known_on: date, note: str = "", by: User | None, at: datetime
) -> Close:
    """Keep the figures of the period with everything that they were made with. Raises
    InputRefused while the period, the day of knowledge or a figure is not settled."""
    _refuse_unfinished(period, known_on, at)
    stands_on = source(known_on)
    made = histories_of(stands_on)
    _refuse_unknown(made, period)
    close = Close(
        period=period.label,
        first_on=period.first_on,
        last_on=period.last_on,
        known_on=known_on,
        currency=settings.PERENNIAL_CURRENCY,
        definitions=stands_on.definitions.as_dict(),
        rates=rates_document(stands_on.rates),
        figures=_figures(made, stands_on, period, known_on),
        note=note.strip(),
        made_at=at,
        made_by=by,
    )
    lines = list(_lines(close, made, period))
    close.fingerprint = fingerprint(document_of(close, lines))
    _refuse_twice(close)
    close.save()
    CloseLine.objects.bulk_create(lines, batch_size=2000)
    record(
        "period_closed",
        object_type="close",
        object_id=close.pk,
        summary=period.label,
        detail={"known_on": known_on.isoformat(), "fingerprint": close.fingerprint},
        by=by,
        at=at,
    )
    return close


def _refuse_twice(close: Close) -> None:
    """Two people may close the same period at once: the second one finds it done."""
    held = Close.objects.filter(period=close.period, currency=close.currency)
    newest = held.order_by("-made_at", "-pk").first()
    if newest and newest.fingerprint == close.fingerprint:
        raise InputRefused(
            sentence("{period} is closed already with exactly these figures."),
            code="closed_already",
            params={"period": close.period},
        )


def _refuse_unknown(made: Histories, period: Period) -> None:
    reports = (made.movements(period, it) for it in Report)
    unknown = {why for report in reports for why in report.unknown.values()}
    if unknown:
        raise InputRefused(
            sentence("{period} cannot be closed while its figures are not known: {reason}"),
            code="unknown_figures",
            params={"period": period.label, "reason": str(REASONS[min(unknown)])},
        )


def _refuse_unfinished(period: Period, known_on: date, at: datetime) -> None:
    last = last_shown_day(now=at)
    if period.last_on > last:
        raise InputRefused(
            sentence("{period} is not over: the last computed day is {day}."),
            code="period_not_over",
            params={"period": period.label, "day": last.isoformat()},
        )
    if known_on < period.last_on:
        raise InputRefused(
            sentence("{period} can be closed as known on its last day or later."),
            code="known_too_early",
            params={"period": period.label},
        )
    if known_on >= business_day(at, settings.PERENNIAL_TIME_ZONE):
        raise InputRefused(
            sentence("Close as known on yesterday or before: today is not over."),
            code="known_too_late",
        )


def _figures(made: Histories, stands_on: Source, period: Period, known_on: date) -> Document:
    """The documents of the revenue commands, and the movements on fractions."""

    def basis(report: str = "net") -> Basis:
        return Basis(
            stands_on.definitions, period.first_on, period.last_on, known_on, report=report
        )

    kept = made.retention(period.eve_on, period.last_on)
    found = {
        str(it): movements_document(basis(it), [(made.movements(period, it), kept)])
        for it in Report
    }
    due = renewals(
        terms_known(known_on),
        from_on=period.first_on,
        to_on=period.last_on,
        known_on=known_on,
        definitions=stands_on.definitions,
        rates=stands_on.rates,
        exclusions=exclusions_at(known_on),
    )
    ids = {item.customer_id for item in due.items}
    names = dict(Customer.objects.filter(pk__in=ids).values_list("pk", "external_id"))
    return found | {
        "exact": exact_figures(made.movements(period)),
        "retention": retention_document(basis(), kept),
        "renewals": renewals_document(basis(), due, names=names),
    }


def _lines(close: Close, made: Histories, period: Period) -> Iterator[CloseLine]:
    """Everybody who paid at an end of the period."""
    before, after = made.states(period.eve_on), made.states(period.last_on)
    kinds = {move.key: move.kind for move in made.net(period)}
    for key in before.keys() | after.keys():
        was, is_ = before.get(key, NOTHING), after.get(key, NOTHING)
        customer_id, unit = (key, "") if isinstance(key, int) else key
        yield CloseLine(
            close=close,
            customer_id=customer_id,
            unit=unit,
            before_exact=str(was.mrr),
            after_exact=str(is_.mrr),
            paying_before=was.paying,
            paying_after=is_.paying,
            kind=kinds.get(key) or "",
        )
