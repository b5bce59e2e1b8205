"""The words of click itself in the user's language, from this slice's catalogue."""

from __future__ import annotations

import gettext
import os
from pathlib import Path

from django.utils.translation import gettext_noop as _

# Click looks its sentences up in gettext's default domain; here they are, so that they are
# collected into the catalogue and translated like our own.
CLICK = (
    _("Usage:"),
    _("Usage: "),
    _("Options"),
    _("Commands"),
    _("Error: {message}"),
    _("Show this message and exit."),
    _("Missing command."),
    _("No such command {name!r}."),
    _("No such option: {name}"),
    _("Did you mean {possibility}?"),
    _("Missing argument"),
    _("Missing option"),
    _("Missing parameter"),
    _("Invalid value: {message}"),
    _("Invalid value for {param_hint}: {message}"),
    _("Got unexpected extra argument ({args})"),
    _("Got unexpected extra arguments ({args})"),
    _("{value!r} is not a valid {number_type}."),
    _("{value!r} does not match the format {format}."),
    _("{value!r} does not match the formats {formats}."),
    _("{value!r} is not {choice}."),
    _("{value!r} is not one of {choices}."),
    _("{name} {filename!r} does not exist."),
    _("{name} {filename!r} is a file."),
    _("{name} {filename!r} is a directory."),
    _("{name} {filename!r} is not readable."),
    _("Option {name!r} requires an argument."),
    _("required"),
    _("default: {default}"),
    _("File"),
    _("Directory"),
    _("Path"),
)


def speak(language: str) -> None:
    """Point gettext's default domain at our catalogue."""
    os.environ["LANGUAGE"] = "zh_Hans" if language == "zh-hans" else "en"
    gettext.bindtextdomain("django", str(Path(__file__).parent / "locale"))
    gettext.textdomain("django")
