"""What an item carries: properties, traits, and the product that its properties name.

Properties stay the JSON text that came. A page's or screen's name and the address of the page
are put before them where they do not bring these themselves.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from perennial.events.intake import texts
from perennial.events.intake.reading import Read
from perennial.events.rules.items import Address, Item
from perennial.events.rules.reasons import TEXT_AT_MOST

_PLACES: Final = frozenset({"page", "screen", "p", "s"})
_ADDRESS_AT_MOST: Final = 2000


class _Product(msgspec.Struct, gc=False):
    product: Any = None


def properties_of(came: Read, *, report: texts.Report) -> pa.Array:
    """The column of properties."""
    values = list(map(bytes, [item.properties for item in came.items]))
    places = [(it.context and it.context.page) or it.name for it in came.items]
    for at in [at for at, place in enumerate(places) if place]:
        values[at] = _with_place(values[at], came.items[at])
    return texts.objects(values, field="properties", nul=came.nul, report=report)


def _with_place(properties: bytes, item: Item) -> bytes:
    """The properties, and the name and address of the page before them."""
    more: dict[str, object] = {}
    names = isinstance(item.type, str) and item.type in _PLACES
    if names and isinstance(item.name, str) and item.name:
        more["name"] = item.name[:TEXT_AT_MOST]
    if item.context and item.context.page and (url := _address(bytes(item.context.page))):
        more["url"] = url
    text = properties.strip()
    if text in texts.EMPTY:
        text = b"{}"
    if not more or not text.startswith(b"{"):
        return properties
    own = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    more = {name: value for name, value in more.items() if name not in own}
    return msgspec.json.encode({**more, **own}) if more else properties


def _address(page: bytes) -> str:
    try:
        return msgspec.json.decode(page, type=Address).url[:_ADDRESS_AT_MOST]
    except (msgspec.MsgspecError, RecursionError):
        return ""


def traits_of(came: Read, about: NDArray[np.bool_], *, report: texts.Report) -> pa.Array:
    """The column of traits; calls that are about somebody (`about`) may bring them in their
    context."""
    given = [item.traits for item in came.items]
    if not (any(given) or about.any()):
        return pa.nulls(len(given), pa.string())
    values = list(map(bytes, given))
    for at in np.flatnonzero(about).tolist():
        if values[at] in texts.EMPTY and (context := came.items[at].context):
            values[at] = bytes(context.traits)
    return texts.objects(values, field="traits", nul=came.nul, report=report)


def products_of(came: Read, properties: pa.Array, usual: pa.Array) -> pa.Array:
    """The product that an event names in its properties, else the source's."""
    naming = pc.match_substring(properties, '"product"').fill_null(False)
    found = np.flatnonzero(naming.to_numpy(zero_copy_only=False)).tolist()
    if not found:
        return usual
    products = usual.to_pylist()
    for at in found:
        if at in came.faults:
            continue
        product = msgspec.json.decode(properties[at].as_py(), type=_Product).product
        if isinstance(product, str) and 0 < len(product.strip()) <= TEXT_AT_MOST:
            products[at] = product.strip()
    return pa.array(products, pa.string())
