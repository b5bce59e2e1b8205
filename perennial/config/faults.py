"""From whatever went wrong to one sentence, a stable code and an exit code."""

from __future__ import annotations

import errno
import json
import logging
import os
import shutil
import sys
from collections.abc import Sequence

import click
from django.utils.translation import gettext_noop

from perennial.units.errors import (
    Busy,
    EnvironmentFault,
    ExitCode,
    InputRefused,
    PerennialError,
    RowError,
)

log = logging.getLogger("perennial.faults")
_ROWS_SHOWN = 20  # of a refused file, on a terminal; the document has them all


def report(error: BaseException, *, as_json: bool) -> int:
    """Print the error (stderr, or one JSON document on stdout) and return the exit code."""
    match error:
        case SystemExit():
            return error.code if isinstance(error.code, int) else int(bool(error.code))
        case click.exceptions.Exit():
            return error.exit_code
        case click.exceptions.NoArgsIsHelpError():
            error.show()
            return ExitCode.USAGE
        case BrokenPipeError():  # the reader went away (`| head`): nothing to say
            _let_go_of_stdout()
            return ExitCode.DONE
    named = name(error)
    try:
        _tell(named, as_json=as_json)
        sys.stdout.flush()
    except OSError:  # standard output is itself what is full
        _let_go_of_stdout()
        print(placed(named), file=sys.stderr)  # noqa: T201
    return named.exit_code


def _let_go_of_stdout() -> None:
    """Nothing is left to be flushed into it at exit, which would fail once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tell(named: PerennialError, *, as_json: bool) -> None:
    message = sentence(named)
    rows = named.errors if isinstance(named, InputRefused) else ()
    if as_json:
        document: dict[str, object] = {"error": _document(named, message)}
        if rows:
            document["errors"] = [_document(it, sentence(it)) for it in rows]
        print(json.dumps(document, ensure_ascii=False))  # noqa: T201
    else:
        shown: Sequence[PerennialError | RowError] = rows[:_ROWS_SHOWN] or [named]
        for it in shown:
            print(placed(it), file=sys.stderr)  # noqa: T201
        if len(rows) > _ROWS_SHOWN:
            print(_more(len(rows) - _ROWS_SHOWN), file=sys.stderr)  # noqa: T201


def name(error: BaseException) -> PerennialError:
    """The named error for any exception; an unexpected one is logged with its traceback."""
    match error:
        case PerennialError():
            return error
        case click.UsageError():
            return _ending(_with_hint(error), code="usage", exit_code=ExitCode.USAGE)
        case KeyboardInterrupt() | click.Abort():
            return _ending(
                gettext_noop("Interrupted."), code="interrupted", exit_code=ExitCode.INTERRUPTED
            )
        case UnicodeDecodeError():
            return InputRefused("The file is not text in a known encoding. Name it: --encoding.")
        case OSError() if error.errno == errno.ENOSPC:
            return EnvironmentFault("The disk is full. Nothing half written is kept.")
        case (
            FileNotFoundError()
            | FileExistsError()
            | IsADirectoryError()
            | NotADirectoryError()
            | PermissionError()
        ) if error.filename:
            return EnvironmentFault(
                "{path} cannot be opened: {reason}.",
                params={"path": str(error.filename), "reason": error.strerror or ""},
            )
    return _database_fault(error) or _unexpected(error)


def sentence(error: PerennialError | RowError) -> str:
    """The error's sentence in the active language."""
    from django.utils.translation import gettext

    try:
        return gettext(error.message).format(**error.params)
    except Exception:  # settings are broken, or a gap has no value: the source text will do
        return error.message.format_map(_Gaps(error.params))


def placed(error: PerennialError | RowError) -> str:
    """The error's sentence behind its place: file, row, column."""
    from django.utils.translation import gettext as _
    from django.utils.translation import pgettext

    parts = _place(error)
    if not parts:
        return sentence(error)
    place = pgettext("file, row, column", ", ").join(parts)
    return _("{place}: {message}").format(place=place, message=sentence(error))


def _ending(message: str, *, code: str, exit_code: ExitCode) -> PerennialError:
    error = PerennialError(message, code=code)
    error.exit_code = exit_code
    return error


class _Gaps(dict[str, str]):
    def __missing__(self, gap: str) -> str:
        return "{" + gap + "}"


def _database_fault(error: BaseException) -> PerennialError | None:
    from django.db import Error, OperationalError

    if not isinstance(error, Error):
        return None
    text = str(error)
    if "locked" in text:
        return Busy("Somebody else is writing to the database. Try again in a moment.")
    if "disk is full" in text or ("disk I/O error" in text and _disk_is_full()):
        return EnvironmentFault("The disk is full. Nothing half written is kept.")
    if "not a database" in text or "malformed" in text:
        return EnvironmentFault(
            "The database file is damaged: {reason}.",
            code="database_damaged",
            params={"reason": text},
        )
    if isinstance(error, OperationalError):
        log.error("database", exc_info=error)
        return EnvironmentFault(
            "The database does not answer: {reason}.",
            params={"reason": text.strip().splitlines()[0] if text.strip() else ""},
        )
    return None


def _disk_is_full() -> bool:
    """SQLite says only 'disk I/O error' when its write-ahead log finds no room."""
    from django.conf import settings

    return shutil.disk_usage(settings.PERENNIAL_HOME).free < 1 << 20


def _unexpected(error: BaseException) -> PerennialError:
    from perennial.config.logs import log_file

    try:
        log.error("unexpected", exc_info=error)
        where = str(log_file())
    except Exception:  # the settings themselves could not be read
        return EnvironmentFault("Perennial cannot start: {reason}.", params={"reason": str(error)})
    return EnvironmentFault(
        "Something happened that Perennial did not expect. The details are in {path}.",
        code="unexpected",
        params={"path": where},
    )


def _with_hint(error: click.UsageError) -> str:
    text = error.format_message().replace("{", "(").replace("}", ")")
    if error.ctx is None:
        return text
    return f"{text}\n{error.ctx.get_usage()}\n{error.ctx.command_path} --help"


def _more(count: int) -> str:
    from django.utils.translation import gettext as _

    return _("… and {count} more.").format(count=count)


def _place(error: PerennialError | RowError) -> list[str]:
    from django.utils.translation import gettext as _

    is_text = error.file.endswith((".yaml", ".yml"))  # no table: it has lines and fields
    parts = [error.file] if error.file else []
    if error.row is not None:
        row = _("line {row}") if is_text else _("row {row}")
        parts.append(row.format(row=error.row))
    if error.column:
        column = _("field {column}") if is_text else _("column {column}")
        parts.append(column.format(column=error.column))
    return parts


def _document(error: PerennialError | RowError, message: str) -> dict[str, object]:
    return {
        "code": error.code,
        "message": message,
        "file": error.file or None,
        "row": error.row,
        "column": error.column,
    }
