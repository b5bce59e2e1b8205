"""The filter language: one text for lists, saved views, segments, audiences and links.

    1;tier.in.S,A;renewal.within.90;(nps.lte.6|silent.is.yes);!(tags.in.test)

`1` is the version. Conditions are `field.operator.value`; `;` means and, `(a|b)` means or,
`!(a|b)` none of them, and each alternative may hold several conditions. Values are
percent-encoded, so that they may hold any letter. A slice declares its FIELDS; a consumer joins
those of the slices below it.
"""

from perennial.customers.filters.compiling import compile_filter
from perennial.customers.filters.fields import OPS, Field, FilterRefused, Kind, Op
from perennial.customers.filters.tree import (
    MAX_CONDITIONS,
    MAX_LENGTH,
    AllOf,
    AnyOf,
    Condition,
    Part,
    parse,
)

__all__ = [
    "MAX_CONDITIONS",
    "MAX_LENGTH",
    "OPS",
    "AllOf",
    "AnyOf",
    "Condition",
    "Field",
    "FilterRefused",
    "Kind",
    "Op",
    "Part",
    "compile_filter",
    "parse",
]
