"""Taking many customers in, for whichever page names them: the count first, then the work.

Who names customers says how they are named again (`kept`): their ids, or the filter of a list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from perennial.customers.filters import FilterRefused
from perennial.customers.queries import visible_customers
from perennial.customers.sheets import sheet
from perennial.team.models import User
from perennial.units.errors import InputRefused
from perennial.web.faults import in_words
from perennial.work.playbooks import actions, wording
from perennial.work.playbooks.engine.moving import Moment
from perennial.work.playbooks.forms.taking_in import PlaybookForm
from perennial.work.playbooks.previewed import LEFT_OUT
from perennial.work.playbooks.queries.definitions import Known, playbooks
from perennial.work.playbooks.queries.entering import admitted_to, matches
from perennial.work.playbooks.rules.caps import LeftOut

Pairs = Sequence[tuple[str, str]]


def take_in(
    request: HttpRequest, user: User, *, ids: Sequence[int] | None, kept: Pairs, here: str
) -> HttpResponse:
    """Who of these customers would enter, and who not and why; asked again (`do`), they do.
    `ids` None: whom the playbook's own audience means."""
    usable = {it.name: it for it in playbooks() if it.is_usable}
    asked = request.POST if request.method == "POST" else request.GET
    chosen = asked.get("playbook", "")
    form = PlaybookForm(
        request.POST if request.POST.get("do") else None,
        choices=choices_of(list(usable.values())),
        chosen=chosen,
    )
    found = _would_enter(user, usable.get(chosen), ids)
    enter = [pk for pk, why in found.items() if why is None]
    if request.POST.get("do") == "enrol" and form.is_valid():
        try:
            made = actions.enrol(chosen, customers=enter, by=user, at=timezone.now())
        except InputRefused as refused:
            form.add_error("playbook", in_words(refused))
        else:
            address = reverse("playbooks:enrolment", args=[made.pk])
            if "HX-Request" in request.headers:
                return HttpResponse(headers={"HX-Redirect": address})
            return redirect(address)
    reasons = Counter(why for why in found.values() if why is not None)
    context = {
        "chosen": chosen if chosen in usable else "",
        "kept": [it for it in kept if it[0] not in ("playbook", "do", "csrfmiddlewaretoken")],
        "enter": len(enter),
        "reasons": [(LEFT_OUT[why], count) for why, count in reasons.most_common()],
        "here": here,
    }
    return sheet(request, form, template="work/playbooks/enrol.html", context=context)


def choices_of(usable: Sequence[Known]) -> list[tuple[str, str]]:
    return [(it.name, wording.title(it.definition)) for it in usable if it.definition]


def _would_enter(
    user: User, known: Known | None, ids: Sequence[int] | None
) -> dict[int, LeftOut | None]:
    if known is None or known.definition is None:
        return {}
    moment = Moment.now(timezone.now())
    if ids is None:
        try:
            found = matches(known.definition, user, moment.day, as_of=moment.as_of)
        except FilterRefused:
            return {}
        return {
            it.customer.pk: it.left_out for it in found if it.left_out is not LeftOut.ENOUGH_TODAY
        }
    seen = set(visible_customers(user).filter(pk__in=ids).values_list("pk", flat=True))
    inside = [pk for pk in ids if pk in seen]
    admitted = admitted_to(
        known.name, known.definition.cap, inside, as_of=moment.as_of, by_machine=False
    )
    return {pk: admitted.get(pk, LeftOut.GONE) for pk in ids}
