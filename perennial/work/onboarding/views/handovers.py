"""A handover's page, its form, its offer and its answer; promises judged; a book as a whole."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.customers.conversation.queries import conversation
from perennial.customers.models import About
from perennial.customers.queries import assignable_owners, customer_for, visible_customer
from perennial.customers.sheets import sheet
from perennial.team.access import Page, can, require
from perennial.team.models import User
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.units.whole import whole
from perennial.web.faults import in_words
from perennial.web.formats import named, number
from perennial.work.conflict import blame
from perennial.work.models import Handover
from perennial.work.onboarding import shown
from perennial.work.onboarding.actions import handovers as actions
from perennial.work.onboarding.actions.books import book_of, offer_book
from perennial.work.onboarding.forms.handovers import (
    BookForm,
    HandoverForm,
    JudgeForm,
    ReturnForm,
    promise_rows,
    promises_from,
)
from perennial.work.onboarding.queries.handed import people_of
from perennial.work.onboarding.queries.reach import handover_for, promise_for
from perennial.work.onboarding.views.ending import ended, refused
from perennial.work.onboarding.wording import VERDICTS

_STATE = Handover.State
COLUMNS = {"to_user": "receiver"}
EDITABLE = (_STATE.DRAFT, _STATE.RETURNED)


def address(pk: int) -> str:
    return reverse("onboarding:handover", args=[pk])


def _may_edit(user: User, handover: Handover) -> bool:
    """Whoever wrote it, or sees the customer."""
    is_near = handover.from_user_id == user.pk or _sees(user, handover)
    return can(user, Page.EDIT_CUSTOMERS) and is_near


def _require_edit(user: User, handover: Handover) -> None:
    if not _may_edit(user, handover):
        raise PermissionDenied


def _sees(user: User, handover: Handover) -> bool:
    return visible_customer(user, handover.customer).exists()


@require_GET
def handover(request: HttpRequest, pk: int) -> HttpResponse:
    """All of it: goals, expectation, people, promises; and what may be done now."""
    user = who(request)
    require(user, Page.TODAY)
    found = handover_for(user, pk)
    may_edit, is_seen = _may_edit(user, found), _sees(user, found)
    context = {
        "it": shown.handover(found, is_seen=is_seen),
        "handover": found,
        "people": people_of(found),
        "promises": [
            (it, VERDICTS[it.verdict])
            for it in found.promises.select_related("judged_by").order_by("pk")
        ],
        "may_answer": actions.may_answer(found, user),
        "may_edit": may_edit,
        "is_editable": may_edit and found.state in EDITABLE,
        "may_judge": can(user, Page.EDIT_CUSTOMERS) and found.state != _STATE.DRAFT,
        "talk": conversation(user, found.customer, About.HANDOVER, pk) if is_seen else None,
    }
    return render(request, "work/onboarding/handover.html", context)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Write one for a customer; offered at once when the button says so."""
    user = who(request)
    customer = customer_for(user, whole(request.GET.get("customer", "")) or 0)
    require(user, Page.EDIT_CUSTOMERS)
    given = request.POST if request.method == "POST" else None
    form = HandoverForm(given, customer=customer, kind=request.GET.get("kind", ""))
    if given is not None and form.is_valid():
        now = timezone.now()
        try:
            made = actions.write(customer, form.written(promises_from(given)), by=user, at=now)
        except InputRefused as wrong:
            blame(form, wrong, fresh=lambda: HandoverForm(customer=customer), columns=COLUMNS)
        else:
            return ended(request, _("Written down"), to=address(made.pk), moves=True)
    context = {
        "customer": customer,
        "rows": promise_rows(None, given),
        "address": request.get_full_path(),
    }
    return sheet(request, form, template="work/onboarding/_handover_form.html", context=context)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a draft, or one that came back."""
    user = who(request)
    found = handover_for(user, pk)
    _require_edit(user, found)
    given = request.POST if request.method == "POST" else None
    form = HandoverForm(given, customer=found.customer, handover=found)
    if given is not None and form.is_valid():
        written = form.written(promises_from(given))
        version = form.cleaned_data["version"] or 0
        try:
            actions.rewrite(found, written, version=version, by=user, at=timezone.now())
        except InputRefused as wrong:
            found.refresh_from_db()
            customer = found.customer
            blame(
                form,
                wrong,
                fresh=lambda: HandoverForm(customer=customer, handover=found),
                columns=COLUMNS,
            )
        else:
            return ended(request, _("Saved"), to=address(pk))
    context = {
        "customer": found.customer,
        "handover": found,
        "rows": promise_rows(found, given),
        "address": reverse("onboarding:edit_handover", args=[pk]),
    }
    return sheet(request, form, template="work/onboarding/_handover_form.html", context=context)


def _act(
    request: HttpRequest,
    pk: int,
    act: Callable[[Handover, User], object],
    *,
    text: str,
    undo: str = "",
    is_givers: bool = False,
) -> HttpResponse:
    """An act without a form: gate, right, action; refused with its sentence."""
    user = who(request)
    found = handover_for(user, pk)
    require(user, Page.EDIT_CUSTOMERS)
    if is_givers:
        _require_edit(user, found)
    try:
        act(found, user)
    except InputRefused as wrong:
        return refused(request, wrong, to=address(pk))
    told = {"customer": named(found.customer.name, found.customer.name_en)}
    return ended(request, text % told, to=address(pk), undo=undo)


def _version(request: HttpRequest, found: Handover) -> int:
    return whole(request.POST.get("version", "")) or found.version


@require_POST
def offer(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(
        request,
        pk,
        lambda it, by: actions.offer(it, version=_version(request, it), by=by, at=timezone.now()),
        text=_("%(customer)s: offered, the receiver is told"),
        undo=reverse("onboarding:take_back_handover", args=[pk]),
        is_givers=True,
    )


@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(
        request,
        pk,
        lambda it, by: actions.take_back(it, version=it.version, by=by, at=timezone.now()),
        text=_("%(customer)s: taken back, a draft again"),
        is_givers=True,
    )


@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    faster = actions.missed(pk, who(request))
    if faster is not None:
        return refused(request, faster, to=reverse("onboarding:handovers"))
    return _act(
        request,
        pk,
        lambda it, by: actions.accept(it, by=by, at=timezone.now()),
        text=_("%(customer)s is yours"),
    )


@require_http_methods(["GET", "POST"])
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Return it, and say what is missing."""
    user = who(request)
    found = handover_for(user, pk)
    require(user, Page.EDIT_CUSTOMERS)
    form = ReturnForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            actions.give_back(found, reason=reason, by=user, at=timezone.now())
        except InputRefused as wrong:
            form.add_error(wrong.column, in_words(wrong))
        else:
            to = reverse("onboarding:handovers")
            return ended(request, _("Returned; the giver is told"), to=to, moves=True)
    context = {"handover": found, "customer": found.customer}
    return sheet(request, form, template="work/onboarding/_return.html", context=context)


@require_http_methods(["GET", "POST"])
def judge(request: HttpRequest, pk: int) -> HttpResponse:
    """What became of a promise."""
    user = who(request)
    promise = promise_for(user, pk)
    require(user, Page.EDIT_CUSTOMERS)
    form = JudgeForm(request.POST or None, promise=promise)
    if request.method == "POST" and form.is_valid():
        try:
            actions.judge(promise, **form.cleaned_data, by=user, at=timezone.now())
        except InputRefused as wrong:
            promise.refresh_from_db()
            blame(form, wrong, fresh=lambda: JudgeForm(promise=promise))
        else:
            return ended(request, _("Written down"), to=address(promise.handover_id))
    context = {"promise": promise}
    return sheet(request, form, template="work/onboarding/_judge.html", context=context)


@require_http_methods(["GET", "POST"])
def book(request: HttpRequest) -> HttpResponse:
    """A whole book from one CSM to another: first how many, then the offers."""
    user = who(request)
    require(user, Page.EDIT_CUSTOMERS)
    givers = assignable_owners(user)
    form = BookForm(request.POST or None, givers=givers)
    count: int | None = None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        count = len(book_of(user, given["giver"]))
        if request.POST.get("do") == "offer":
            try:
                count = offer_book(**given, by=user, at=timezone.now())
            except InputRefused as wrong:
                form.add_error(wrong.column, in_words(wrong))
            else:
                text = ngettext("%(n)s handover offered", "%(n)s handovers offered", count)
                to = reverse("onboarding:handovers") + "?state=offered"
                return ended(request, text % {"n": number(count)}, to=to, moves=True)
    context = {"count": count}
    return sheet(request, form, template="work/onboarding/_book.html", context=context)
