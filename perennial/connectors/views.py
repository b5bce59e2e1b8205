"""The import wizard: upload, columns, check, import; and the history with undo."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from itertools import islice

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.core.handlers.asgi import ASGIRequest
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.connectors import uploads
from perennial.connectors.actions import (
    check_draft,
    discard_draft,
    rejects_file,
    run_draft,
    start_draft,
    undo_import,
)
from perennial.connectors.drafts import options_of
from perennial.connectors.events import recover_dead
from perennial.connectors.exporting import csv_lines, rows_of
from perennial.connectors.files import Cell, Table, open_table
from perennial.connectors.forms import MappingForm, UploadForm, posted_options
from perennial.connectors.kinds import KINDS, Kind, kind_named
from perennial.connectors.mapping_files import recognised_mapping
from perennial.connectors.models import Import, State
from perennial.connectors.options import Options
from perennial.connectors.plan import suggest
from perennial.connectors.queries import (
    import_for,
    saved_mapping,
    sentences,
    visible_imports,
)
from perennial.connectors.words import COUNTS
from perennial.team.access import Page, require, sees_money
from perennial.team.request import who
from perennial.units.errors import PerennialError

_SAMPLES = 3
_HISTORY = 50
_ERRORS_SHOWN = 100
_WITH_MONEY = {"orders", "invoices"}


def sentence(error: PerennialError) -> str:
    """One sentence with its place, in the reader's language."""
    text = _(error.message).format_map(dict(error.params))
    places = []
    if error.row is not None:
        places.append(_("row {row}").format(row=error.row))
    if error.column:
        places.append(_("column {column}").format(column=error.column))
    place = pgettext("row, column", ", ").join(places)
    return _("{place}: {message}").format(place=place, message=text) if places else text


@csrf_exempt  # the token is checked below, after the upload got its limit
def imports(request: HttpRequest) -> HttpResponse:
    request.upload_handlers = [uploads.BoundedUpload(request), *request.upload_handlers]
    return _imports(request)


@csrf_protect
@require_http_methods(["GET", "POST"])
def _imports(request: HttpRequest) -> HttpResponse:
    admin = who(request)
    require(admin, Page.IMPORTS)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        if request.META.get("perennial.too_large"):
            form.add_error("file", _("The file is too large."))
        elif form.is_valid():
            draft = start_draft(
                form.cleaned_data["kind"],
                form.cleaned_data["file"],
                by=admin,
                at=timezone.now(),
            )
            return redirect("connectors:import", draft.pk)
    recover_dead()
    context = {
        "form": form,
        "imports": visible_imports(admin)[:_HISTORY],
        "kinds": KINDS,
        "labels": {kind.name: kind.label for kind in KINDS},
    }
    return render(request, "connectors/imports.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft shows its columns; a finished import what came of it."""
    record = import_for(who(request), pk)
    if record.state != State.DRAFT:
        return render(request, "connectors/result.html", _told(record))
    kind = kind_named(record.kind)
    try:
        table = open_table(uploads.path_of(record.stored_as), title=record.file_name)
    except PerennialError as refused:
        context = _told(record) | {"refusal": sentence(refused)}
        return render(request, "connectors/unreadable.html", context, status=422)
    if request.method == "POST":
        return _check(request, record, kind, table)
    form = _mapping_form(record, kind, table)
    return _mapping_page(request, record, form)


def _mapping_form(record: Import, kind: Kind, table: Table) -> MappingForm:
    known = saved_mapping(kind.name, table.columns)
    if record.mapping:
        options = options_of(record)
    elif known is not None:
        options = options_of(known)
    else:
        shipped = recognised_mapping(kind, table.columns)
        options = shipped or Options(map=suggest(kind, table.columns))
    return MappingForm(kind, table.columns, options, _samples(table))


def _samples(table: Table) -> list[list[Cell]]:
    try:
        return [list(cells) for _row, cells in islice(table.read(), _SAMPLES)]
    except PerennialError:
        return []


def _mapping_page(
    request: HttpRequest, record: Import, form: MappingForm, *, refusal: str = ""
) -> HttpResponse:
    context = _told(record) | {"form": form, "refusal": refusal}
    return render(request, "connectors/mapping.html", context, status=422 if refusal else 200)


def _check(request: HttpRequest, record: Import, kind: Kind, table: Table) -> HttpResponse:
    form = _mapping_form(record, kind, table)
    try:
        posted = posted_options(kind, table.columns, request.POST)
        hidden = {name: it for name, it in form.options.map.items() if not kind.field(name)}
        form.options = replace(posted, map={**hidden, **posted.map}, escape=form.options.escape)
        check_draft(
            record, columns=table.columns, options=form.options, by=who(request), at=timezone.now()
        )
    except PerennialError as refused:
        return _mapping_page(request, record, form, refusal=sentence(refused))
    return redirect("connectors:preview", record.pk)


@require_GET
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What the import would do, row by row; nothing is written yet."""
    record = import_for(who(request), pk)
    if record.state != State.DRAFT or not record.counts:
        return redirect("connectors:import", pk)
    return render(request, "connectors/preview.html", _told(record))


@require_POST
def run(request: HttpRequest, pk: int) -> HttpResponse:
    record = import_for(who(request), pk)
    try:
        run_draft(
            record,
            skip_bad_rows=bool(request.POST.get("skip_bad_rows")),
            by=who(request),
            at=timezone.now(),
        )
    except PerennialError as refused:
        record.refresh_from_db()
        if record.state == State.DRAFT:
            context = _told(record) | {"refusal": sentence(refused)}
            return render(request, "connectors/preview.html", context, status=422)
    return redirect("connectors:import", pk)


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    record = import_for(who(request), pk)
    try:
        undo_import(record, by=who(request), at=timezone.now())
    except PerennialError as refused:
        record.refresh_from_db()
        context = _told(record) | {
            "refusal": sentence(refused),
            "touched": getattr(refused, "touched", []),
        }
        return render(request, "connectors/result.html", context, status=422)
    messages.success(request, _("The import was undone."))
    return redirect("connectors:import", pk)


@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        discard_draft(import_for(who(request), pk), by=who(request), at=timezone.now())
    except PerennialError as refused:
        messages.error(request, sentence(refused))
    return redirect("connectors:imports")


@require_GET
def rejects(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The refused rows as a file to mend; always a download."""
    record = import_for(who(request), pk)
    path = rejects_file(record.pk)
    if not path.is_file():
        raise Http404
    response = FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=f"rejects-{record.pk}.csv",
        content_type="text/csv; charset=utf-8",
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_GET
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The user's own part of a kind as CSV."""
    user = who(request)
    require(user, Page.EXPORT)
    wanted = next((it for it in KINDS if it.name == kind), None)
    if wanted is None or (kind in _WITH_MONEY and not sees_money(user)):
        raise Http404
    fields, rows = rows_of(wanted, user=user)
    return StreamingHttpResponse(
        _streamed(request, csv_lines(fields, rows)),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{wanted.name}.csv"',
            "X-Content-Type-Options": "nosniff",
        },
    )


def _streamed(request: HttpRequest, lines: Iterator[str]) -> Iterator[str] | AsyncIterator[str]:
    """The lines one by one: an asynchronous server would collect a plain iterator first."""
    if not isinstance(request, ASGIRequest):
        return lines

    def following() -> str | None:
        return next(lines, None)

    async def one_by_one() -> AsyncIterator[str]:
        while (line := await sync_to_async(following)()) is not None:
            yield line

    return one_by_one()


def _told(record: Import) -> dict[str, object]:
    """An import as its pages show it."""
    names = ("rows", "added", "changed", "same", "duplicates", "rejected")
    extra = ("unattributed", "created_customers")
    shown = [*names, *(name for name in extra if record.counts.get(name))]
    errors = sentences(record.errors[:_ERRORS_SHOWN])
    return {
        "import": record,
        "kind": kind_named(record.kind),
        "figures": [(COUNTS[name], record.counts.get(name, 0)) for name in shown],
        "rejected": record.counts.get("rejected", 0),
        "good": sum(record.counts.get(name, 0) for name in ("added", "changed")),
        "notices": sentences(record.notices),
        "errors": errors,
        "more_errors": max(0, record.counts.get("rejected", 0) - len(errors)),
        "has_rejects": rejects_file(record.pk).is_file(),
    }
