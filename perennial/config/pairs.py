"""Options that take several pairs at once: `--map a=b c=d`, `--set x=1 y=2`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import click


def spread(arguments: Sequence[str], *, options: Sequence[str]) -> list[str]:
    """Repeat the option before each of its pairs, which is what click reads.

    >>> spread(["--map", "a=b", "c=d", "file.csv"], options=["--map"])
    ['--map', 'a=b', '--map', 'c=d', 'file.csv']
    """
    result: list[str] = []
    option, taken = "", 0
    for argument in arguments:
        if argument in options:
            option, taken = argument, 0
            continue
        if option and (taken == 0 or ("=" in argument and not argument.startswith("-"))):
            result += [option, argument]
            taken += 1
            continue
        option = ""
        result.append(argument)
    return [*result, option] if option and not taken else result


class PairsCommand(click.Command):
    """A command whose `multiple=True` options of these names take several pairs."""

    pair_options: ClassVar[tuple[str, ...]] = ("--map", "--set")

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, spread(args, options=self.pair_options))
