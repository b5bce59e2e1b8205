"""Write keys: a key may only write, and says by its beginning whose it is.

pk_… belongs to a browser and is public; sk_… belongs to a server and is a secret. Only the
SHA-256 of a key is kept: a key is 160 random bits, so that nobody finds it from its digest.
"""

from __future__ import annotations

import hashlib
from typing import Final

RANDOM_BYTES: Final = 20
HINT_LETTERS: Final = 4
PREFIXES: Final = {"browser": "pk_", "server": "sk_"}


def key_text(kind: str, random: bytes) -> str:
    """The key of a source of this kind from its random bytes: letters and digits only, so that
    a double click chooses all of it and no client has to escape it."""
    return PREFIXES[kind] + random.hex()


def digest(key: str) -> str:
    """What is kept of a key: the SHA-256 of its UTF-8 text in hexadecimal digits."""
    return hashlib.sha256(key.encode()).hexdigest()


def hint(key: str) -> str:
    """Its last characters: enough for people to tell keys apart."""
    return key[-HINT_LETTERS:]
