"""The words of click itself in the user's language, from this slice's catalogue."""

from __future__ import annotations

import gettext
import os
from pathlib import Path

from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext_lazy

# Click looks its sentences up in gettext's default domain; here they are, so that they are
# collected into the catalogue and translated like our own.
CLICK = (
    _("Usage:"),
    _("Options"),
    _("Commands"),
    _("Positional arguments"),
    _("Show this message and exit."),
    _("Missing command."),
    _("Missing argument"),
    _("Missing option"),
    _("No such command {name!r}."),
    _("No such option {name!r}."),
    _("Option {name!r} does not take a value."),
    _("Invalid value: {message}"),
    _("Invalid value for {param_hint}: {message}"),
    _("{value!r} is not a valid {number_type}."),
    _("{value} is not in the range {range}."),
    _("{name} {filename!r} does not exist."),
    _("{name} {filename!r} is a file."),
    _("{name} {filename!r} is a directory."),
    _("{name} {filename!r} is not readable."),
    _("default: {default}"),
    _("file"),
    _("directory"),
    _("path"),
)
CLICK_PLURALS = (
    ngettext_lazy("Got unexpected extra argument ({args})",
                  "Got unexpected extra arguments ({args})"),
    ngettext_lazy("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    ngettext_lazy("Option {name!r} requires an argument.",
                  "Option {name!r} requires {nargs} arguments."),
    ngettext_lazy("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
    ngettext_lazy("{value!r} does not match the format {format}.",
                  "{value!r} does not match the formats {formats}."),
)  # fmt: skip


def speak(language: str) -> None:
    """Point gettext's default domain at our catalogue."""
    os.environ["LANGUAGE"] = "zh_Hans" if language == "zh-hans" else "en"
    gettext.bindtextdomain("django", str(Path(__file__).parent / "locale"))
    gettext.textdomain("django")
