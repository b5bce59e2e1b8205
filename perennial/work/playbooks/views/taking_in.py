"""Start a playbook at a customer; take many in, with the count first and the undo after."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.customers.models import Customer
from perennial.customers.queries import customer_for
from perennial.customers.sheets import done, sheet
from perennial.team.access import Page, require
from perennial.team.models import User
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.units.whole import whole
from perennial.web.faults import in_words
from perennial.web.formats import number
from perennial.work.models import Enrolment, WorkItem
from perennial.work.playbooks import actions, wording
from perennial.work.playbooks.forms.taking_in import StartForm
from perennial.work.playbooks.previewed import LEFT_OUT
from perennial.work.playbooks.queries.definitions import Known, playbooks
from perennial.work.playbooks.queries.runs import enrolment_for
from perennial.work.playbooks.rules.caps import LeftOut
from perennial.work.playbooks.rules.definition import of
from perennial.work.playbooks.taking_in import choices_of, take_in
from perennial.work.queries import item_for

MOST_IDS = 10_000


@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """`?customer=`, `?item=` and `?playbook=` say what is known already."""
    user = who(request)
    require(user, Page.EDIT_CUSTOMERS)
    item, customer = _given(request, user)
    usable = [it for it in playbooks() if it.is_usable]
    form = StartForm(
        request.POST or None,
        choices=choices_of(usable),
        chosen=request.GET.get("playbook", "") or _fitting(usable, item),
        user=user,
        customer=customer,
    )
    if request.method == "POST" and form.is_valid() and form.at_customer is not None:
        try:
            run = actions.start(
                form.cleaned_data["playbook"],
                customer=form.at_customer,
                item=item,
                owner=form.chosen_owner(),
                by=user,
                at=timezone.now(),
            )
        except InputRefused as refused:
            form.add_error("playbook", in_words(refused))
        else:
            text = _("%(playbook)s started at %(customer)s")
            said = text % {
                "playbook": wording.title(of(run.version.definition)),
                "customer": run.customer.name,
            }
            undo = reverse("playbooks:stop", args=[run.pk])
            return done(request, run.customer, text=said, refreshes="workChanged", undo=undo)
    context = {"customer": customer, "item": item, "here": request.get_full_path()}
    return sheet(request, form, template="work/playbooks/start.html", context=context)


def _given(request: HttpRequest, user: User) -> tuple[WorkItem | None, Customer | None]:
    """What the address names, through the gate; a foreign one does not exist."""
    item_pk, customer_pk = (
        whole(request.GET.get("item", "")),
        whole(request.GET.get("customer", "")),
    )
    item = item_for(user, item_pk) if item_pk else None
    if item is not None:
        return item, customer_for(user, item.customer.pk)
    return None, customer_for(user, customer_pk) if customer_pk else None


def _fitting(usable: list[Known], item: WorkItem | None) -> str:
    """The playbook that answers the reason of a call to action."""
    wanted = f"alert:{item.reason}" if item else ""
    return next((it.name for it in usable if it.definition and it.definition.trigger == wanted), "")


@require_http_methods(["GET", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """Who would enter, and who not and why; then, asked again, they do. Ids of customers come
    from a list (`id`); without them the playbook's own audience is meant."""
    user = who(request)
    require(user, Page.EDIT_CUSTOMERS)
    asked = request.POST if request.method == "POST" else request.GET
    ids = [pk for it in asked.getlist("id")[:MOST_IDS] if (pk := whole(it)) is not None]
    kept = [("id", str(pk)) for pk in ids]
    return take_in(request, user, ids=ids or None, kept=kept, here=reverse("playbooks:enrol"))


@require_GET
def enrolment(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a long list is; the page asks again while it waits."""
    user = who(request)
    require(user, Page.EDIT_CUSTOMERS)
    made = enrolment_for(user, pk)
    context = {
        "made": made,
        "total": len(made.customers),
        "title": wording.title(of(made.version.definition)),
        "waiting": made.state == Enrolment.State.WAITING,
        "can_undo": made.state in (Enrolment.State.WAITING, Enrolment.State.DONE),
        "reasons": [(LEFT_OUT[LeftOut(why)], n) for why, n in made.left_out.items()],
    }
    template = "_enrolment.html" if "HX-Request" in request.headers else "enrolment.html"
    return render(request, f"work/playbooks/{template}", context)


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an enrolment back: what nobody has touched stops."""
    user = who(request)
    require(user, Page.EDIT_CUSTOMERS)
    made = enrolment_for(user, pk)
    try:
        found = actions.undo_enrolment(made, by=user, at=timezone.now())
    except InputRefused as refused:
        messages.error(request, in_words(refused))
    else:
        text = ngettext("%(n)s run stopped.", "%(n)s runs stopped.", found.stopped)
        said = text % {"n": number(found.stopped)}
        if found.kept:
            kept = ngettext("%(n)s goes on.", "%(n)s go on.", found.kept)
            said = f"{said} {kept % {'n': number(found.kept)}}"
        messages.success(request, said)
    return redirect("playbooks:enrolment", pk)
