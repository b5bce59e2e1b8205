"""The command `perennial`: collects one click command per file of `commands/`."""

from __future__ import annotations

import os

import click


@click.group()
def main() -> None:
    """Perennial: which customers need attention today, why, and what it is worth."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perennial.config.settings")
