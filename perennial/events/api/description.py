"""The OpenAPI description of the intake, as /v1/openapi.json gives it."""

from __future__ import annotations

from typing import Final

OPENAPI: Final[dict[str, object]] = {"openapi": "3.1.0"}
