"""What is kept of an erased id: a keyed hash, which recognises the id when it comes again.

Without the installation's key nobody can try ids against it. A pseudonym comes from a random
salt that is thrown away when the erasure is done.
"""

from __future__ import annotations

import hmac


def tombstone(external_id: str, *, key: str) -> str:
    """64 hexadecimal digits."""
    return hmac.digest(key.encode(), b"erased\0" + external_id.encode(), "sha256").hex()


def pseudonym(external_id: str, *, salt: str) -> str:
    """The same for the same id and salt; without the salt it says nothing."""
    digest = hmac.digest(salt.encode(), external_id.encode(), "sha256")
    return f"erased-{digest.hex()[:20]}"
