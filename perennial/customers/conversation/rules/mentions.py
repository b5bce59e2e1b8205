"""Whom a comment names.

A colleague is named by @ and the name, as the completion writes it. Where two colleagues share
a name, the e-mail address tells them apart. The longest name that fits counts: @王芳芳 is never
王芳. After a Latin name something else must follow: @Lin does not stand in @Linda.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

MOST = 20  # more is no mention but a crowd


def handles(people: Iterable[tuple[int, str, str]]) -> dict[str, int]:
    """What names whom: (id, name, e-mail) of colleagues → {handle: id}; names that are shared
    name nobody, addresses always do."""
    listed = list(people)
    shared = Counter(name.casefold() for _pk, name, _email in listed)
    names = {name: pk for pk, name, _email in listed if name and shared[name.casefold()] == 1}
    return names | {email: pk for pk, _name, email in listed}


def handle_of(name: str, email: str, *, known: Mapping[str, int]) -> str:
    """What the completion writes for a colleague."""
    return name if name in known else email


def mentioned(text: str, known: Mapping[str, int]) -> list[int]:
    """The ids that a text names, each once, in the order of the text."""
    found = dict.fromkeys(known[handle] for _at, handle in places(text, tuple(known)))
    return list(found)[:MOST]


def places(text: str, known: Sequence[str]) -> list[tuple[int, str]]:
    """Where the text names somebody: position of the @, and the handle after it."""
    by_length = sorted(known, key=len, reverse=True)
    found = []
    at = text.find("@")
    while at >= 0:
        if not (at and _is_word(text[at - 1])):  # an address a@b names nobody
            handle = next((it for it in by_length if _stands(text, at + 1, it)), "")
            if handle:
                found.append((at, handle))
        at = text.find("@", at + 1)
    return found


def _stands(text: str, at: int, handle: str) -> bool:
    if text[at : at + len(handle)].casefold() != handle.casefold():
        return False
    after = text[at + len(handle) : at + len(handle) + 1]
    return not (_is_word(handle[-1]) and after and _is_word(after))


def _is_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")
