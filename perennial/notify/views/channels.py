"""For administrators: the company's channels, what was sent there, and what was not."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.notify import actions, queries
from perennial.notify.actions.channels import Terms
from perennial.notify.forms import ChannelForm
from perennial.notify.models import Channel, ChannelKind, Delivery, Topic
from perennial.team.access import Page, require
from perennial.team.models import User
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.web.faults import in_words

PER_PAGE = 30
_FIELDS = {"conflict": None, "name_taken": "name"}  # where a refusal stands; else: the address


@require_GET
def channels(request: HttpRequest) -> HttpResponse:
    _admin(request)
    context = {"channels": queries.channels(), "topics": dict(Topic.choices)}
    return render(request, "notify/channels.html", context)


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A new channel; a webhook's secret is shown on the answer, once."""
    user = _admin(request)
    start = {"topics": [Topic.ALERT, Topic.HANDOVER], "language": user.language or "zh-hans"}
    form = ChannelForm(request.POST if request.method == "POST" else None, initial=start)
    if form.is_valid():
        given = form.cleaned_data
        try:
            added = actions.add_channel(
                _terms(form),
                kind=ChannelKind(given["kind"]),
                address=given["address"],
                secret=given["secret"],
                by=user,
                at=timezone.now(),
            )
        except InputRefused as error:
            form.add_error(_FIELDS.get(error.code, "address"), in_words(error))
        else:
            if not added.secret:
                messages.success(request, _("Added. Send a test now."))
                return redirect("notify:channel", pk=added.channel.pk)
            answer = render(request, "notify/channel_secret.html", {"added": added})
            answer["Cache-Control"] = "no-store"
            return answer
    status = 422 if form.errors else 200
    return render(request, "notify/channel_form.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
def channel(request: HttpRequest, pk: int) -> HttpResponse:
    """One channel: its settings, and what was sent there."""
    user = _admin(request)
    found = get_object_or_404(queries.channels(), pk=pk)
    start = {
        "name": found.name,
        "team": found.team_id,
        "topics": found.topics,
        "language": found.language,
        "version": found.version,
    }
    form = ChannelForm(request.POST if request.method == "POST" else None, initial=start)
    form.for_change()
    if form.is_valid() and _changed(form, found, by=user):
        messages.success(request, _("Saved."))
        return redirect("notify:channel", pk=pk)
    page = Paginator(queries.deliveries(found), PER_PAGE).get_page(request.GET.get("page"))
    context = {"channel": found, "form": form, "page": page}
    return render(request, "notify/channel.html", context, status=422 if form.errors else 200)


@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    user = _admin(request)
    found = get_object_or_404(Channel.objects.select_related("team"), pk=pk)
    delivery = actions.send_test(found, by=user, at=timezone.now())
    if delivery.state == Delivery.State.SENT:
        messages.success(request, _("The test was taken: look whether it stands in the chat."))
    else:
        messages.error(request, _("Not taken: {reason}").format(reason=delivery.reason))
    return redirect("notify:channel", pk=pk)


@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause, or go on: the same button undoes it."""
    user = _admin(request)
    found = get_object_or_404(Channel, pk=pk)
    is_paused = not found.is_paused
    actions.pause_channel(found, is_paused=is_paused, by=user, at=timezone.now())
    text = _("The channel is paused.") if is_paused else _("The channel goes on.")
    messages.add_message(request, messages.SUCCESS, text, request.path)
    return redirect("notify:channel", pk=pk)


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Only who types its name removes it: the address cannot be had back."""
    user = _admin(request)
    found = get_object_or_404(Channel, pk=pk)
    if request.POST.get("name", "").strip() != found.name:
        messages.error(request, _("The name is another one: nothing was removed."))
        return redirect("notify:channel", pk=pk)
    actions.remove_channel(found, by=user, at=timezone.now())
    messages.success(request, _("The channel is removed."))
    return redirect("notify:channels")


@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a delivery once more."""
    user = _admin(request)
    delivery = get_object_or_404(Delivery.objects.select_related("channel"), pk=pk)
    actions.send_again(delivery, by=user, at=timezone.now())
    messages.success(request, _("It is sent again within a minute."))
    return redirect("notify:channel", pk=delivery.channel_id)


def _admin(request: HttpRequest) -> User:
    user = who(request)
    require(user, Page.SETTINGS)
    return user


def _terms(form: ChannelForm) -> Terms:
    given = form.cleaned_data
    return Terms(given["name"], given["team"], given["topics"], given["language"])


def _changed(form: ChannelForm, found: Channel, *, by: User) -> bool:
    given = form.cleaned_data
    try:
        actions.change_channel(
            found,
            _terms(form),
            address=given["address"],
            secret=given["secret"],
            version=given["version"] or 0,
            by=by,
            at=timezone.now(),
        )
    except InputRefused as error:
        form.add_error(_FIELDS.get(error.code, "address"), in_words(error))
        return False
    return True
