"""The command `perennial`: collects one click command per file of `commands/`.

Every command takes `--json` and `--lang`, ends with an exit code of `units/errors.py`, and says
what went wrong in one sentence; a traceback goes to the home's log file, never to a person.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence

import click

from perennial import __version__
from perennial.config import faults, output

# These look after the database themselves, or do without.
STANDALONE = {"demo", "doctor", "restore", "revenue", "risk"}


class Commands(click.Group):
    """Loads a command's file when it is asked for, so that the command line starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        from perennial.config import commands

        return [it.name.strip("_") for it in pkgutil.iter_modules(commands.__path__)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        suffix = "_" if cmd_name == "import" else ""
        module = importlib.import_module(f"perennial.config.commands.{cmd_name}{suffix}")
        return _with_global_options(module.command)

    def invoke(self, ctx: click.Context) -> object:
        verb, *rest = [*ctx._protected_args, *ctx.args] or [""]
        if verb in self.list_commands(ctx) and verb not in STANDALONE and "--help" not in rest:
            from perennial.config import database

            database.ready()
        try:
            return super().invoke(ctx)
        except BrokenPipeError as gone:  # click would make a failure of it
            return faults.report(gone, as_json=False)


def _with_global_options(command: click.Command) -> click.Command:
    taken = {option for parameter in command.params for option in parameter.opts}
    command.params += [it for it in _global_options() if not taken & set(it.opts)]
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            _with_global_options(inner)
    return command


def _global_options() -> list[click.Option]:
    from django.utils.translation import gettext as _

    return [
        click.Option(
            ["--json"],
            is_flag=True,
            expose_value=False,
            is_eager=True,
            callback=_use_json,
            help=_("Print one JSON document, and nothing else, to standard output."),
        ),
        click.Option(
            ["--lang"],
            type=click.Choice(["zh", "en"]),
            expose_value=False,
            help=_("Language of the messages; otherwise LANG decides."),
        ),
    ]


def _use_json(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        output.use_json(ctx)


def _asked_language(arguments: Sequence[str]) -> str:
    """`--lang`, wherever it stands, has to be known before the first text is made."""
    asked = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    for here, following in zip(arguments, [*arguments, ""][1:], strict=True):
        if here == "--lang":
            asked = following
        elif here.startswith("--lang="):
            asked = here.removeprefix("--lang=")
    return "zh-hans" if asked.lower().startswith("zh") else "en"


def group() -> Commands:
    from django.utils.translation import gettext as _

    return Commands(
        "perennial",
        help=_("Perennial: which customers need attention today, why, and what it is worth."),
        params=[
            *_global_options(),
            click.Option(
                ["--version"],
                is_flag=True,
                expose_value=False,
                is_eager=True,
                callback=_show_version,
                help=_("Show the version and exit."),
            ),
        ],
        no_args_is_help=True,
    )


def _show_version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        click.echo(f"perennial {__version__}")
        ctx.exit()


def run(arguments: Sequence[str]) -> int:
    """Run one command line; returns its exit code and never raises."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perennial.config.settings")
    try:
        import django
        from django.utils import translation

        from perennial.config import words

        django.setup()
        language = _asked_language(arguments)
        translation.activate(language)
        words.speak(language)
        result = group().main(list(arguments), prog_name="perennial", standalone_mode=False)
    except BaseException as error:  # whatever it is, a person gets one sentence
        return faults.report(error, as_json="--json" in arguments)
    return result if isinstance(result, int) else 0


def main() -> None:
    os.umask(0o077)  # customers' data: whatever we write is for this user alone
    # Our matrices are thin: threads of the linear algebra would mostly wait for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
