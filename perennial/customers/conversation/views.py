"""The talk beside a thing: said, changed, taken back; files kept and downloaded."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.customers.conversation import actions, keeping, queries
from perennial.customers.conversation.actions import LONGEST, Saying
from perennial.customers.conversation.rules.files import BYTES
from perennial.customers.models import About, Comment, Customer
from perennial.customers.queries import customer_for
from perennial.team.access import Page, require
from perennial.team.models import User
from perennial.team.request import who
from perennial.units.errors import PerennialError
from perennial.units.whole import whole
from perennial.web import asked
from perennial.web.faults import in_words

TEMPLATE = "customers/conversation.html"


@require_http_methods(["GET", "POST"])
def talk(request: HttpRequest, pk: int, about: str, about_id: int) -> HttpResponse:
    """GET the card; POST says something in it."""
    user = who(request)
    customer = _thing(user, pk, about)
    if request.method == "GET":
        return _talk(request, user, customer, about, about_id)
    require(user, Page.COMMENT)
    text = request.POST.get("text", "")
    try:
        saying = actions.say(
            customer, about=about, about_id=about_id, text=text, by=user, at=timezone.now()
        )
    except PerennialError as wrong:
        return _talk(request, user, customer, about, about_id, typed=text, error=in_words(wrong))
    return _talk(request, user, customer, about, about_id, said=_told(saying))


@require_POST
def attach(request: HttpRequest, pk: int, about: str, about_id: int) -> HttpResponse:
    user = who(request)
    customer = _thing(user, pk, about)
    require(user, Page.COMMENT)
    uploads = request.FILES.getlist("file")
    error = "" if uploads else _("Choose a file first.")
    for upload in uploads:
        try:
            actions.attach(
                customer,
                about=about,
                about_id=about_id,
                upload=upload,
                by=user,
                at=timezone.now(),
            )
        except PerennialError as wrong:
            error = in_words(wrong)
            break
    return _talk(request, user, customer, about, about_id, error=error, typed="")


@require_http_methods(["GET", "POST"])
def comment(request: HttpRequest, pk: int, comment_pk: int) -> HttpResponse:
    """GET `?edit=1` gives the form in place of the words; POST saves them."""
    user = who(request)
    found = queries.comment_for(user, customer_for(user, pk), comment_pk)
    if request.method == "GET":
        return _comment(request, user, found, editing="edit" in request.GET)
    require(user, Page.COMMENT)
    text, version = request.POST.get("text", ""), whole(request.POST.get("version", "")) or 0
    try:
        saying = actions.edit_comment(found, text=text, version=version, by=user, at=timezone.now())
    except PerennialError as wrong:
        found.refresh_from_db()
        return _comment(request, user, found, editing=True, typed=text, error=in_words(wrong))
    return _comment(request, user, saying.comment, said=_told(saying) or _("Saved"))


@require_POST
def remove_comment(request: HttpRequest, pk: int, comment_pk: int) -> HttpResponse:
    user = who(request)
    found = queries.comment_for(user, customer_for(user, pk), comment_pk)
    undo = reverse("conversation:restore", args=[pk, comment_pk])
    try:
        actions.remove_comment(found, by=user, at=timezone.now())
    except PerennialError as wrong:
        return _changed(request, found.customer, in_words(wrong), tone="bad")
    return _changed(request, found.customer, _("Comment removed"), undo=undo)


@require_POST
def restore_comment(request: HttpRequest, pk: int, comment_pk: int) -> HttpResponse:
    user = who(request)
    found = queries.comment_for(user, customer_for(user, pk), comment_pk)
    try:
        actions.restore_comment(found, by=user, at=timezone.now())
    except PerennialError as wrong:
        return _changed(request, found.customer, in_words(wrong), tone="bad")
    return _changed(request, found.customer, _("The comment is back"))


@require_GET
def download(request: HttpRequest, pk: int, file_pk: int) -> HttpResponse:
    """Always a download, of the type that its content has; a browser runs nothing of it."""
    user = who(request)
    found = queries.attachment_for(user, customer_for(user, pk), file_pk)
    if found.removed_at:
        raise Http404
    try:
        content = keeping.path_of(found.stored_as).read_bytes()  # bounded, and no stream under ASGI
    except FileNotFoundError as gone:
        raise Http404 from gone
    response = HttpResponse(content, content_type=found.media_type or BYTES)
    response["Content-Disposition"] = content_disposition_header(True, found.name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def remove_file(request: HttpRequest, pk: int, file_pk: int) -> HttpResponse:
    user = who(request)
    found = queries.attachment_for(user, customer_for(user, pk), file_pk)
    undo = reverse("conversation:restore_file", args=[pk, file_pk])
    try:
        actions.remove_file(found, by=user, at=timezone.now())
    except PerennialError as wrong:
        return _changed(request, found.customer, in_words(wrong), tone="bad")
    return _changed(request, found.customer, _("File removed"), undo=undo)


@require_POST
def restore_file(request: HttpRequest, pk: int, file_pk: int) -> HttpResponse:
    user = who(request)
    found = queries.attachment_for(user, customer_for(user, pk), file_pk)
    try:
        actions.restore_file(found, by=user, at=timezone.now())
    except PerennialError as wrong:
        return _changed(request, found.customer, in_words(wrong), tone="bad")
    return _changed(request, found.customer, _("The file is back"))


@require_GET
def colleagues(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom the @ that was typed may name: options of a listbox."""
    user = who(request)
    customer = customer_for(user, pk)
    typed = asked.text(request.GET, "q", most=60)
    context = {"colleagues": queries.colleagues(user, customer, typed)}
    return render(request, "customers/conversation/colleagues.html", context)


def _thing(user: User, pk: int, about: str) -> Customer:
    if about not in About.values:
        raise Http404
    return customer_for(user, pk)


def _told(saying: Saying) -> str:
    """Who was named but not told, in one sentence; nothing when everybody was."""
    names = _(", ").join(it.name for it in saying.blind)
    return (
        _("%(names)s cannot see this customer and was not told.") % {"names": names}
        if names
        else ""
    )


def _talk(
    request: HttpRequest,
    user: User,
    customer: Customer,
    about: str,
    about_id: int,
    *,
    typed: str = "",
    error: str = "",
    said: str = "",
) -> HttpResponse:
    """The whole card; without script back to the page of the thing."""
    if request.method == "POST" and "HX-Request" not in request.headers:
        if error or said:
            messages.add_message(request, messages.ERROR if error else messages.INFO, error or said)
        return redirect(queries.page_of(customer, about, about_id))
    found = queries.conversation(user, customer, about, about_id, all_of_it="all" in request.GET)
    context = {"talk": found, "typed": typed[: LONGEST * 2], "error": error}
    response = render(request, TEMPLATE, context, status=422 if error else 200)
    if said:
        response["HX-Trigger"] = json.dumps({"toast": {"text": said}})
    return response


def _comment(
    request: HttpRequest,
    user: User,
    found: Comment,
    *,
    editing: bool = False,
    typed: str | None = None,
    error: str = "",
    said: str = "",
) -> HttpResponse:
    shown = queries.remark(found, user=user, mark=queries.marker())
    context = {
        "remark": shown,
        "customer": found.customer,
        "editing": editing and (shown.can_edit or bool(error)),
        "typed": found.text if typed is None else typed[: LONGEST * 2],
        "error": error,
    }
    if request.method == "POST" and "HX-Request" not in request.headers:
        messages.add_message(request, messages.ERROR if error else messages.SUCCESS, error or said)
        return redirect(queries.page_of(found.customer, found.about_type, found.about_id))
    status = 422 if error else 200
    response = render(request, "customers/conversation/remark.html", context, status=status)
    if said:
        response["HX-Trigger"] = json.dumps({"toast": {"text": said}})
    return response


def _changed(
    request: HttpRequest, customer: Customer, text: str, *, undo: str = "", tone: str = ""
) -> HttpResponse:
    """Say it and let the cards of talk refresh themselves."""
    if "HX-Request" not in request.headers:
        messages.add_message(request, messages.ERROR if tone else messages.SUCCESS, text)
        return redirect("desk:customer", pk=customer.pk)
    toast = {"text": text, "undo": undo, "tone": tone}
    said = json.dumps({"toast": toast, "talkChanged": True})
    return HttpResponse(status=204, headers={"HX-Trigger": said})
