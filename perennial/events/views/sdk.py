"""The tracking script, for the pages of any site: no log-in, no cookie, cached, compressed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import brotli
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.views.decorators.http import require_safe

SCRIPT = Path(__file__).parents[1] / "static" / "events" / "perennial.js"
FOR_EVER = "public, max-age=31536000, immutable"
AN_HOUR = "public, max-age=3600, stale-while-revalidate=86400"


@dataclass(frozen=True, slots=True)
class Script:
    """The script as it stands, squeezed once per process."""

    version: str
    etag: str
    plain: bytes
    squeezed: bytes


@lru_cache(maxsize=1)
def _script(changed_ns: int) -> Script:  # noqa: ARG001 -- an edited file is read again
    plain = SCRIPT.read_bytes()
    found = re.search(rb'VERSION = "([^"]+)"', plain)
    version = found[1].decode() if found else ""
    return Script(version, f'"{sha256(plain).hexdigest()[:20]}"', plain, brotli.compress(plain))


@login_not_required
@require_safe
def script(request: HttpRequest, version: str = "") -> HttpResponse:
    """At an address with its version it never changes; without, it is looked at every hour.

    A page that names a version of the past gets today's script, so that no page breaks.
    """
    found = _script(SCRIPT.stat().st_mtime_ns)
    answer: HttpResponse
    if request.headers.get("If-None-Match") == found.etag:
        answer = HttpResponseNotModified()
    elif "br" in re.split(r"[\s,;]+", request.headers.get("Accept-Encoding", "")):
        answer = HttpResponse(found.squeezed, headers={"Content-Encoding": "br"})
    else:
        answer = HttpResponse(found.plain)
    answer["Content-Type"] = "text/javascript; charset=utf-8"
    answer["ETag"] = found.etag
    answer["Cache-Control"] = FOR_EVER if version == found.version else AN_HOUR
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Vary"] = "Accept-Encoding"
    return answer
