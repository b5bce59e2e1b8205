"""Changes to forms and to the catalogue: one transaction, one audit line each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from perennial.customers.actions import EditConflict
from perennial.customers.assessments.checks import NAME, faults_of
from perennial.customers.assessments.queries import newest_version, solutions, templates
from perennial.customers.assessments.rules.shipped import Solution
from perennial.customers.assessments.rules.template import of, plain
from perennial.customers.models import AssessmentTemplate, Offer, OfferKind
from perennial.team import audit
from perennial.team.models import User
from perennial.units.errors import InputRefused

TITLE_LETTERS = 100


@transaction.atomic
def save_template(
    name: str,
    definition: Mapping[str, Any],
    *,
    version: int | None,
    by: User | None,
    at: datetime,
) -> int | None:
    """A new version of a form; what was answered keeps its own. None: nothing changed.

    `version` is the one that was read (0: shipped or new; None: whichever stands). Raises
    InputRefused with every fault, EditConflict when somebody was faster.
    """
    faults = faults_of(name, definition)
    if faults:
        refused = InputRefused(faults[0].message, code=faults[0].code, params=faults[0].params)
        refused.errors = faults
        raise refused
    newest = newest_version(name)
    if version is not None and version != newest:
        raise EditConflict(
            gettext_noop("Somebody published this form in the meantime. Open it anew.")
        )
    wanted = plain(of(name, definition))
    known = templates().get(name)
    if known is not None and plain(known) == wanted:
        return None
    AssessmentTemplate.objects.create(
        name=name, version=newest + 1, definition=wanted, made_at=at, made_by=by
    )
    _line("assessment_template.published", name, {"version": newest + 1}, by=by, at=at)
    return newest + 1


@transaction.atomic
def retire_template(name: str, *, by: User | None, at: datetime) -> None:
    """The form is offered no more; what was answered stays."""
    known = templates().get(name)
    if known is None:
        raise InputRefused(gettext_noop("This form is not in use any more."))
    AssessmentTemplate.objects.update_or_create(
        name=name,
        version=known.version,
        defaults={"retired_at": at},
        create_defaults={"definition": plain(known), "made_at": at, "retired_at": at},
    )
    _line("assessment_template.retired", name, {}, by=by, at=at)


@transaction.atomic
def reuse_template(name: str, *, by: User | None, at: datetime) -> None:
    """A retired form is offered again."""
    newest = AssessmentTemplate.objects.filter(name=name).order_by("-version").first()
    if newest is None or newest.retired_at is None:
        raise InputRefused(gettext_noop("This form is in use."))
    newest.retired_at = None
    newest.save(update_fields=["retired_at"])
    _line("assessment_template.reused", name, {}, by=by, at=at)


@transaction.atomic
def save_solution(solution: Solution, *, by: User | None, at: datetime) -> bool:
    """An entry of the catalogue as it is to be; False: it is so already."""
    _check(solution)
    if solutions().get(solution.name) == solution:
        return False
    Offer.objects.update_or_create(
        name=solution.name,
        defaults={
            "kind": solution.kind,
            "title_zh": solution.title_zh.strip(),
            "title_en": solution.title_en.strip(),
            "areas": list(solution.areas),
            "retired_at": None,
        },
    )
    _line("solution.saved", solution.name, {"kind": solution.kind}, by=by, at=at)
    return True


def faults_of_solution(solution: Solution) -> Sequence[str]:
    """What is wrong with an entry, as sentences; empty: nothing."""
    titles = (solution.title_zh.strip(), solution.title_en.strip())
    found = []
    if not NAME.fullmatch(solution.name):
        found.append(gettext_noop("A name is small letters, digits and _, at most 40."))
    if solution.kind not in OfferKind.values:
        found.append(gettext_noop("An offer belongs to one of the six dimensions."))
    if not all(0 < len(title) <= TITLE_LETTERS for title in titles):
        found.append(gettext_noop("The title is missing in one language, or too long."))
    if not _are_names(solution.areas):
        found.append(gettext_noop("Areas are names of areas of a form."))
    return found


def _are_names(areas: Collection[object]) -> bool:
    return all(isinstance(it, str) and NAME.fullmatch(it) for it in areas)


def _check(solution: Solution) -> None:
    for fault in faults_of_solution(solution):
        raise InputRefused(fault)


@transaction.atomic
def retire_solution(name: str, *, by: User | None, at: datetime) -> None:
    """Offered no more; what runs goes on."""
    known = solutions().get(name)
    if known is None:
        raise InputRefused(gettext_noop("This offer is not in the catalogue any more."))
    Offer.objects.update_or_create(
        name=name,
        defaults={"retired_at": at},
        create_defaults={
            "kind": known.kind,
            "title_zh": known.title_zh,
            "title_en": known.title_en,
            "areas": list(known.areas),
            "retired_at": at,
        },
    )
    _line("solution.retired", name, {}, by=by, at=at)


def _line(
    action: str, name: str, detail: Mapping[str, object], *, by: User | None, at: datetime
) -> None:
    audit.record(
        action,
        object_type="customer_standard",
        object_id=name,
        summary=name,
        detail=detail,
        by=by,
        at=at,
    )
