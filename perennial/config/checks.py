"""Wrong settings, each with an id and a hint; run by `doctor` and before `serve`."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.utils.translation import gettext as _

ENGINE = re.compile(r"duckdb|local-cluster|spark://[^/]+:\d+", re.IGNORECASE)


@register("perennial")
def settings_make_sense(**_given: Any) -> list[CheckMessage]:
    """Every PERENNIAL_ setting whose value cannot work. Django asks for keyword arguments."""
    found: list[CheckMessage] = []
    engine = settings.PERENNIAL_ENGINE
    if not ENGINE.fullmatch(engine):
        found.append(
            Error(
                _("PERENNIAL_ENGINE is {value}.").format(value=engine),
                hint=_("Use duckdb, spark://host:port or local-cluster."),
                id="perennial.E001",
            )
        )
    currency = settings.PERENNIAL_CURRENCY
    if not (len(currency) == 3 and currency.isascii() and currency.isupper()):
        found.append(
            Error(
                _("PERENNIAL_CURRENCY is {value}.").format(value=currency),
                hint=_("Use three capital letters, such as CNY or USD."),
                id="perennial.E002",
            )
        )
    if settings.DEBUG:
        found.append(
            Warning(
                _("PERENNIAL_DEBUG is on: error pages show source code."),
                hint=_("Unset it wherever others can reach the pages."),
                id="perennial.W001",
            )
        )
    if settings.PERENNIAL_HTTPS and "*" in settings.ALLOWED_HOSTS:
        found.append(
            Warning(
                _("PERENNIAL_HTTPS is on, but any host name is accepted."),
                hint=_("Set PERENNIAL_ALLOWED_HOSTS to the names people use."),
                id="perennial.W002",
            )
        )
    return found
