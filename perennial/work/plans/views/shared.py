"""What a customer sees with a link, without log-in.

A wrong, an expired and a revoked link are the same friendly page, so that nobody learns which;
those who try many are slowed down. The answer is kept nowhere and found by no search.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from perennial.team.models import LogInAttempt
from perennial.team.queries import WINDOW, attempts
from perennial.team.secret_links import private
from perennial.units.errors import InputRefused
from perennial.web.faults import in_words
from perennial.work.models import PlanAction
from perennial.work.plans.actions import sharing
from perennial.work.plans.actions.sharing import LANGUAGES, Opened
from perennial.work.plans.forms.plan import RemarkForm
from perennial.work.plans.queries import said_with_customer, whole_plans
from perennial.work.plans.shown import shared as as_shared
from perennial.work.plans.views.plan import headings
from perennial.work.plans.views.sheets import today

MOST_WRONG = 30  # from one place within a quarter of an hour
SALT = "perennial.shared-plan"
FORM_SECONDS = 12 * 3600


@login_not_required
@require_GET
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """The plan as its customer sees it."""
    found = _opened(request, token, at=timezone.now(), counts=True)
    return _page(request, found, token, RemarkForm()) if found else _closed(request)


@login_not_required
@csrf_exempt  # see _is_genuine
@require_POST
def say(request: HttpRequest, token: str) -> HttpResponse:
    """A remark of the customer's."""
    now = timezone.now()
    found = _opened(request, token, at=now, counts=False)
    if found is None:
        return _closed(request)
    form = RemarkForm(request.POST)
    with translation.override(_language(request, found)):
        if not _is_genuine(request, found):
            return private(HttpResponse(status=403))
        if form.is_valid():
            try:
                sharing.say(found, **form.cleaned_data, at=now)
            except InputRefused as wrong:
                column = wrong.column if wrong.column in form.fields else None
                form.add_error(column, in_words(wrong))
            else:
                return private(_back(request, token))
    return _page(request, found, token, form)


@login_not_required
@csrf_exempt  # see _is_genuine
@require_POST
def tick(request: HttpRequest, token: str, pk: int) -> HttpResponse:
    """The customer has done one of its own actions."""
    now = timezone.now()
    found = _opened(request, token, at=now, counts=False)
    action = PlanAction.objects.filter(pk=pk, plan=found.plan).first() if found else None
    if found is None or action is None:
        return _closed(request)
    if not _is_genuine(request, found):
        return private(HttpResponse(status=403))
    form = RemarkForm()
    try:
        sharing.tick(found, action=action, at=now)
    except InputRefused as wrong:
        with translation.override(_language(request, found)):
            form = RemarkForm({"name": "", "text": ""})
            form.is_valid()
            form.errors.clear()
            form.add_error(None, in_words(wrong))
        return _page(request, found, token, form)
    return private(_back(request, token))


def _opened(request: HttpRequest, token: str, *, at: datetime, counts: bool) -> Opened | None:
    """What the token opens; wrong ones are counted by the place that they come from."""
    place = f"shared:{request.META.get('REMOTE_ADDR', '')}"
    if attempts(place, at=at) >= MOST_WRONG:
        return None
    found = sharing.opened(token, at=at, counts=counts)
    if found is None:
        LogInAttempt.objects.filter(key=place, at__lt=at - WINDOW).delete()
        LogInAttempt.objects.create(key=place, at=at)
    return found


def _is_genuine(request: HttpRequest, found: Opened) -> bool:
    """Was the form ours? Django's check reads Referer and Origin, which a page under
    `no-referrer` does not send (Origin is null): instead a signed word bound to the link."""
    try:
        said = signing.loads(request.POST.get("form", ""), salt=SALT, max_age=FORM_SECONDS)
    except signing.BadSignature:
        return False
    return said == found.link.pk and request.headers.get("Sec-Fetch-Site") != "cross-site"


def _language(request: HttpRequest, found: Opened) -> str:
    asked = request.GET.get("lang", "")
    return asked if asked in LANGUAGES else found.language


def _page(request: HttpRequest, found: Opened, token: str, form: RemarkForm) -> HttpResponse:
    language = _language(request, found)
    plan = whole_plans(type(found.plan).objects.filter(pk=found.plan.pk)).select_related(
        "customer", "customer__owner", "owner"
    )[0]
    with translation.override(language):
        context = {
            "it": as_shared(plan, today=today()),
            "said": said_with_customer(plan),
            "comments": found.comments,
            "note": found.note,
            "form": form,
            "token": token,
            **headings(1),
            "form_word": signing.dumps(found.link.pk, salt=SALT),
            "language": language,
            "expires_at": found.link.expires_at,
            "other": next(it for it in LANGUAGES if it != language),
        }
        status = 422 if form.errors else 200
        return private(render(request, "work/plans/shared.html", context, status=status))


def _closed(request: HttpRequest) -> HttpResponse:
    answer = render(request, "work/plans/shared_closed.html", status=404)
    answer._has_been_logged = True  # type: ignore[attr-defined]  # the log keeps no tokens
    return private(answer)


def _back(request: HttpRequest, token: str) -> HttpResponse:
    asked = request.GET.get("lang", "")
    query = f"?lang={asked}" if asked in LANGUAGES else ""
    answer = redirect("plans:shared", token=token)
    answer["Location"] += f"{query}#said"
    return answer
