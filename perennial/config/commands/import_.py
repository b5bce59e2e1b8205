"""`perennial import KIND FILE`: one command per kind, whose help lists the kind's columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from django.utils.translation import gettext as _

from perennial.config import output
from perennial.config.faults import placed
from perennial.config.pairs import PairsCommand
from perennial.units.errors import ExitCode, InputRefused, RowError

if TYPE_CHECKING:
    from perennial.connectors.kinds import Kind
    from perennial.connectors.options import Options
    from perennial.connectors.results import ImportResult

_ERRORS_SHOWN = 20


class Kinds(click.Group):
    """The kinds are read when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        from perennial.connectors.kinds import KINDS

        return [kind.name for kind in KINDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        from perennial.connectors.kinds import KINDS

        kind = next((it for it in KINDS if it.name == cmd_name), None)
        if kind is None:
            return None
        from perennial.config.cli import _with_global_options

        return _with_global_options(
            PairsCommand(
                kind.name,
                callback=_importer(kind),
                params=_parameters(kind),
                help=_("Import {kind} from a CSV, XLSX, NDJSON or Parquet file.").format(
                    kind=kind.label
                ),
                short_help=str(kind.label),
                epilog=_columns(kind),
            )
        )


command = Kinds(
    "import",
    help=_(
        "Import a file: CSV, XLSX, NDJSON or Parquet, packed with gzip or not. "
        "`perennial import KIND --help` lists the columns of a kind."
    ),
)


def _parameters(kind: Kind) -> list[click.Parameter]:
    """The options that mean something for this kind."""
    apart = {"daily": {"create_customers", "ids", "timezone"}}
    apart |= {name: {"create_customers"} for name in ("events", "customers")}
    absent = apart.get(kind.name, set()) | ({"custom"} if kind.name != "customers" else set())
    return [it for it in _all_parameters() if it.name not in absent]


def _all_parameters() -> list[click.Parameter]:
    def option(*names: str, text: str, **settings: Any) -> click.Option:
        return click.Option(list(names), help=text, **settings)

    return [
        click.Argument(["file"], type=click.Path()),
        option("--table", metavar=_("SCHEMA.NAME"),
               text=_("With postgresql://user@host/database for FILE: this table of a warehouse.")),
        option("--query", metavar="SELECT", text=_("The same: the rows of this query.")),
        option("--map", "pairs", multiple=True, metavar=_("OURS=THEIRS …"),
               text=_("Our column from theirs; ours==text for a constant; "
                      "ours=theirs{A:x,B:y} translates values. Takes several pairs.")),
        option("--mapping", metavar=_("NAME|FILE"),
               text=_("A YAML file with the pairs under `map`, and id, date_format, timezone; or "
                      "the export of a tool: mixpanel, growingio, zhuge.")),
        option("--id", "ids", default="", metavar="COL+COL",
               text=_("Columns of the file that together are the external id.")),
        option("--date-format", text=_("How every date is written, as in strptime: %d/%m/%Y.")),
        option("--timezone", text=_("Time zone of times without an offset.")),
        option("--encoding", text=_("Encoding of the text; otherwise it is recognised.")),
        option("--delimiter", text=_("Delimiter of a CSV file; otherwise it is recognised.")),
        option("--recorded", type=click.Choice(["effective", "now"]),
               text=_("What a missing recorded_at means; effective for a source's first import.")),
        option("--source", default="", text=_("Name of the source, when there are several.")),
        option("--dry-run", is_flag=True, text=_("Check everything and write nothing.")),
        option("--skip-bad-rows", is_flag=True, text=_("Import the good rows; exit code 1.")),
        option("--rejects", type=click.Path(path_type=Path, dir_okay=False),
               text=_("Where the refused rows go, with the reason.")),
        option("--create-customers", is_flag=True,
               text=_("Make customers that are not known yet, named by their id.")),
        option("--custom", is_flag=True,
               text=_("Other columns of customers become custom fields.")),
    ]  # fmt: skip


def _columns(kind: Kind) -> str:
    """The kind's columns for its help, ★ where required."""
    width = max(len(field.name) for field in kind.fields) + 2
    lines = [_("Columns (★ required):")]
    for field in kind.fields:
        name = f"{field.name}{' ★' if field.required else ''}"
        choices = f" ({' | '.join(field.choices)})" if field.choices else ""
        lines.append(f"  {name:<{width}}  {field.label}{choices}")
    if kind.stored:
        lines.append(_("Other columns become properties."))
    return "\b\n" + "\n".join(lines)


def _importer(kind: Kind) -> Callable[..., None]:
    def run(**given: Any) -> None:
        from perennial.connectors.actions import import_file
        from perennial.connectors.results import RowsRefused

        try:
            options = _options(given)
            with (
                _file(given, options) as (path, options),
                output.progress(str(kind.label)) as progress,
            ):
                result = import_file(
                    kind.name,
                    path,
                    options=options,
                    by=None,
                    at=datetime.now(UTC),
                    progress=progress,
                )
        except RowsRefused as refused:
            _tell_refusal(refused.result)
            if output.is_json():
                raise
            raise SystemExit(ExitCode.REFUSED) from None
        _report(result)
        if result.counts.rejected:
            raise SystemExit(ExitCode.FINDINGS)

    return run


@contextmanager
def _file(given: dict[str, Any], options: Options) -> Iterator[tuple[Path, Options]]:
    """The file to import and how: the one that is named, or what a warehouse gives."""
    from perennial.connectors.warehouse import fetched, is_address, title_of

    named, table, query = given["file"], given["table"], given["query"]
    if is_address(named):
        with fetched(named, query=query, table=table) as path:
            title = title_of(named, table)
            yield path, replace(options, title=title, encoding="utf-8", delimiter=",")
    elif Path(named).is_file():
        yield Path(named), options
    else:
        raise InputRefused("There is no file {path}.", code="no_such_file", params={"path": named})


def _options(given: dict[str, Any]) -> Options:
    from perennial.connectors.mapping_files import mapping_named, options_with
    from perennial.connectors.options import DEFAULT_SOURCE, Options, RecordedRule
    from perennial.units.mapping import parse_map

    ids = given.get("ids") or ""
    options = Options(
        map=parse_map(given["pairs"]),
        id_columns=tuple(it.strip() for it in ids.split("+") if it.strip()),
        date_format=given["date_format"],
        time_zone=given.get("timezone"),
        encoding=given["encoding"],
        delimiter=given["delimiter"],
        recorded=RecordedRule(given["recorded"]) if given["recorded"] else None,
        source=given["source"] or DEFAULT_SOURCE,
        dry_run=given["dry_run"],
        skip_bad_rows=given["skip_bad_rows"],
        create_customers=given.get("create_customers", False),
        custom=given.get("custom", False),
        rejects=given["rejects"],
    )
    return options_with(options, mapping_named(given["mapping"])) if given["mapping"] else options


def _tell_refusal(result: ImportResult) -> None:
    """What is wrong, row by row, and what one can do; --json names the first row itself."""
    _list_errors(result.errors[1:] if output.is_json() else result.errors, result)
    _say_rejects(result)
    output.notice(_("Nothing was written. --skip-bad-rows imports the other rows."))


def _report(result: ImportResult) -> None:
    from perennial.connectors.words import COUNTS

    for it in result.notices:
        output.notice(_sentence(it.message, it.params))
    _list_errors(result.errors, result)
    counts = asdict(result.counts)
    shown = [name for name in COUNTS if counts[name] or name in ("rows", "added")]
    output.table([str(COUNTS[name]) for name in shown], [[counts[name] for name in shown]])
    if result.dry_run:
        output.say(_("Dry run: nothing was written."))
    if result.counts.unattributed:
        output.say(
            _("Events wait for customers that are not here yet: import customers, or add the ids "
              "under Data sources, Unattributed. Then run the day again.")
        )  # fmt: skip
    _say_rejects(result)
    output.document(
        {
            "kind": result.kind,
            "file": result.file,
            "import": result.number,
            "dry_run": result.dry_run,
            "recorded": result.recorded,
            **counts,
            "notices": [
                {"code": it.code, "message": _sentence(it.message, it.params)}
                for it in result.notices
            ],
            "errors": [_error(it, result) for it in result.errors],
            "rejects": result.rejects or None,
        }
    )


def _say_rejects(result: ImportResult) -> None:
    if result.rejects:
        output.notice(_("The refused rows are in {path}.").format(path=result.rejects))


def _list_errors(errors: Sequence[RowError], result: ImportResult) -> None:
    for it in errors[:_ERRORS_SHOWN]:
        output.notice(placed(replace(it, file=result.file)))
    more = len(errors) - _ERRORS_SHOWN
    if more > 0:
        output.notice(_("… and {count} more.").format(count=more))


def _sentence(message: str, params: Any) -> str:
    return _(message).format(**params) if message else ""


def _error(error: RowError, result: ImportResult) -> dict[str, object]:
    return {
        "code": error.code,
        "message": _sentence(error.message, error.params),
        "file": result.file,
        "row": error.row,
        "column": error.column,
    }
