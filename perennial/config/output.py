"""What commands print: text and tables on stdout, progress on stderr, or one JSON document."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import Path

import click
from django.utils.functional import Promise
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.table import Table

from perennial.units.progress import Progress

_JSON = "perennial.json"
_PLAIN_EVERY_SECONDS = 10.0


def use_json(ctx: click.Context) -> None:
    ctx.find_root().meta[_JSON] = True


def is_json() -> bool:
    ctx = click.get_current_context(silent=True)
    return bool(ctx and ctx.find_root().meta.get(_JSON))


def say(text: str) -> None:
    """One line for a person: stdout, or stderr when stdout belongs to a JSON document."""
    click.echo(text, err=is_json())


def notice(text: str) -> None:
    """Something to know beside the result; always stderr."""
    click.echo(text, err=True)


class Number(str):
    """A number already written for people (`1,234.50`, `83.3%`): set to the right in tables."""

    __slots__ = ()


def table(
    columns: Sequence[str], rows: Sequence[Sequence[object]], *, is_wide: bool = False
) -> None:
    """Rows under their headings; numbers to the right. Nothing with --json. A wide table is
    never squeezed into the terminal, for a number must not break."""
    if is_json():
        return
    console = Console(file=sys.stdout, soft_wrap=False)
    if is_wide or not console.is_terminal:
        console = Console(file=sys.stdout, width=500)
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for index, title in enumerate(columns):
        cells = [row[index] for row in rows if row[index] is not None]
        kinds = int | float | Decimal | Number
        numeric = bool(cells) and all(isinstance(it, kinds) for it in cells)
        grid.add_column(title, justify="right" if numeric else "left")
    for row in rows:
        grid.add_row(*("–" if cell is None else str(cell) for cell in row))
    with console.capture() as captured:
        console.print(grid)
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def document(value: object) -> None:
    """The one JSON document of `--json`; nothing without it."""
    if is_json():
        click.echo(json.dumps(value, ensure_ascii=False, default=_plain))


def _plain(value: object) -> object:
    match value:
        case datetime() | date():
            return value.isoformat()
        case Decimal() | Fraction() | Path():
            return str(value)
        case Enum():
            return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    raise TypeError(f"no JSON for {type(value).__name__}")


@contextmanager
def progress(title: str | Promise) -> Iterator[Progress]:
    """Progress of one long step: a bar on a terminal, else a line now and then; on stderr."""
    title = str(title)
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _plain_lines(title)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=console, transient=True) as bars:
        task = bars.add_task(title, total=None)

        def draw(done: int, total: int | None = None, /) -> None:
            bars.update(task, completed=done, total=total)

        yield draw


def _plain_lines(title: str) -> Progress:
    next_at = time.monotonic() + _PLAIN_EVERY_SECONDS

    def write(done: int, total: int | None = None, /) -> None:
        nonlocal next_at
        if time.monotonic() >= next_at:
            next_at = time.monotonic() + _PLAIN_EVERY_SECONDS
            notice(f"{title}: {done:,}" + (f" / {total:,}" if total else ""))

    return write
