"""Secrets at rest: sealed with a key made from SECRET_KEY, opened only to send.

Whoever has the database alone cannot read them; with another SECRET_KEY nobody can, and they
must be entered again.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence

_PURPOSE = b"perennial notify channels 1"


def seal(text: str) -> str:
    return _fernet().encrypt(text.encode()).decode() if text else ""


def unseal(sealed: str) -> str:
    """What was sealed. Raises InputRefused when SECRET_KEY is another one since."""
    if not sealed:
        return ""
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise InputRefused(
            sentence("The address cannot be read with this SECRET_KEY: enter it again."),
            code="sealed_with_another_key",
        ) from error


def _fernet() -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE)
    return Fernet(urlsafe_b64encode(derived.derive(str(settings.SECRET_KEY).encode())))
