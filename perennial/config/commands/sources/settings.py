"""`perennial sources add`, `set`, `retire`: what a source is, and what may change at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import click
from django.utils.translation import gettext as _

from perennial.config import output
from perennial.config.commands.sources.shown import described, found
from perennial.events.rules.sources import SourceSettings

KINDS = ["browser", "server"]
UNLIMITED = "none"
Wrapped = TypeVar("Wrapped", bound=Callable[..., None])
OPTIONS = (
    click.option("--event-bytes", type=int, help=_("Most bytes of one event.")),
    click.option("--batch-bytes", type=int, help=_("Most bytes of one request, unpacked.")),
    click.option("--per-minute", help=_("Most requests a minute, or none.")),
    click.option(
        "--origin",
        "origins",
        multiple=True,
        help=_("Site from which a browser may send; repeat for several, '' for any."),
    ),
    click.option("--group-type", help=_("PostHog's type of group that is a customer.")),
    click.option("--product", help=_("Product of events that name none.")),
    click.option("--silent-after", help=_("Hours of silence before an alarm, or none.")),
)


def with_settings(function: Wrapped) -> Wrapped:
    """The options that set what may change at a source."""
    for option in reversed(OPTIONS):
        function = option(function)
    return function


@click.command(help=_("Add a source and print its key: once, for only a digest is kept."))
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), required=True, help=_("Who sends."))
@with_settings
def add(name: str, kind: str, **given: Any) -> None:
    from perennial.events.actions import add_source

    settings = changed(SourceSettings(), given)
    source, key = add_source(name, kind=kind, settings=settings, by=None, at=datetime.now(UTC))
    output.say(_("Source {name} is added. Its key, shown only now:").format(name=source.name))
    output.say(key)
    output.document({"id": source.pk, "name": source.name, "kind": source.kind, "key": key})


@click.command("set", help=_("Change limits, origins and other settings of a source."))
@click.argument("name")
@with_settings
def change(name: str, **given: Any) -> None:
    from perennial.events.actions import change_source
    from perennial.events.queries.sources import settings_of

    source = found(name)
    settings = changed(settings_of(source), given)
    change_source(source, settings=settings, by=None, at=datetime.now(UTC))
    output.say(_("Source {name} is changed.").format(name=source.name))
    output.document(described(found(name)))


@click.command(help=_("Retire a source: its keys stop for ever, its events stay."))
@click.argument("name")
def retire(name: str) -> None:
    from perennial.events.actions import retire_source

    source = retire_source(found(name), by=None, at=datetime.now(UTC))
    output.say(_("Source {name} is retired.").format(name=source.name))
    output.document(described(found(name)))


def changed(settings: SourceSettings, given: dict[str, Any]) -> SourceSettings:
    """The settings with what the options say; options that were not given change nothing."""
    same = ("event_bytes", "batch_bytes", "group_type", "product")
    changes = {name: given[name] for name in same if given[name] is not None}
    if given["per_minute"] is not None:
        changes["requests_per_minute"] = _number(given["per_minute"], "--per-minute")
    if given["silent_after"] is not None:
        changes["silent_after_hours"] = _number(given["silent_after"], "--silent-after")
    if given["origins"]:
        changes["origins"] = given["origins"]
    return replace(settings, **changes)


def _number(text: str, option: str) -> int | None:
    if text == UNLIMITED:
        return None
    try:
        return int(text)
    except ValueError:
        message = _("{value} is neither a whole number nor none.").format(value=text)
        raise click.BadParameter(message, param_hint=option) from None
