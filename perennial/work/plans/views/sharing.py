"""Sharing a plan: how it will look, confirmed by name, the link shown once, ended at any time."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from perennial.team.models import User
from perennial.team.secret_links import shown_once
from perennial.units.errors import InputRefused
from perennial.web.faults import in_words
from perennial.work.models import Plan
from perennial.work.plans.actions import sharing
from perennial.work.plans.forms.plan import AnswerForm, ShareForm
from perennial.work.plans.queries import links_of, said_with_customer
from perennial.work.plans.shown import shared
from perennial.work.plans.views.plan import headings, opened_plan
from perennial.work.plans.views.sheets import finished, plan_editor, refused, run, today


@require_http_methods(["GET", "POST"])
def share(request: HttpRequest, pk: int) -> HttpResponse:
    """The choices, and beside them the page as the customer will see it."""
    user, found = plan_editor(request, pk)
    chinese = (get_language() or "").startswith("zh")
    initial = {"language": "zh-hans" if chinese else "en"}
    form = ShareForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        given["comments"] = bool(given["comments"])
        try:
            made = sharing.share(found, **given, by=user, at=timezone.now())
        except InputRefused as wrong:
            form.add_error(wrong.column, in_words(wrong))
        else:
            address = reverse("plans:shared", args=[made.token])
            context = {
                "plan": found,
                "customer": found.customer,
                "link": made.link,
                "address": request.build_absolute_uri(address),
            }
            return shown_once(render(request, "work/plans/share_done.html", context))
    context = {
        "plan": found,
        "customer": found.customer,
        "form": form,
        "preview": as_customer_sees(user, found, request, form),
    }
    status = 422 if form.errors else 200
    return render(request, "work/plans/share.html", context, status=status)


def as_customer_sees(user: User, plan: Plan, request: HttpRequest, form: ShareForm) -> str:
    """The body of the customer's page, by the choices as they stand, in the link's language."""
    language = str(form["language"].value() or "zh-hans")
    language = language if language in sharing.LANGUAGES else "zh-hans"
    whole = opened_plan(user, plan.pk)
    with translation.override(language):
        context = {
            "it": shared(whole, today=today()),
            "said": said_with_customer(plan),
            "comments": bool(form["comments"].value()),
            "note": form["note"].value() or "",
            "preview": True,
            **headings(2),
            "language": language,
        }
        return render_to_string("work/plans/shared_body.html", context, request)


@require_http_methods(["POST"])
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The preview alone, after a choice changed."""
    user, found = plan_editor(request, pk)
    form = ShareForm(request.POST)
    return HttpResponse(as_customer_sees(user, found, request, form))


@require_POST
def revoke(request: HttpRequest, pk: int, link_pk: int) -> HttpResponse:
    """The link opens nothing from now on."""
    user, found = plan_editor(request, pk)
    link = links_of(found).filter(pk=link_pk).first()
    if link is None:
        raise Http404
    try:
        sharing.revoke(found, link=link, by=user, at=timezone.now())
    except InputRefused as wrong:
        return refused(request, found.customer, wrong)
    return finished(request, found.customer, None, said=_("Revoked: the link opens nothing now"))


@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Our word to the customer, at the link."""
    user, found = plan_editor(request, pk)
    form = AnswerForm(request.POST or None)

    def act() -> None:
        sharing.answer(found, text=form.cleaned_data["text"], by=user, at=timezone.now())

    title = _("Answer the customer")
    return run(request, found.customer, form, act, title=title, said=_("The customer can read it"))
