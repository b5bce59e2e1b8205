"""What the frame of every page needs, also before anybody has logged in."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import get_language

THEMES = ("light", "dark", "system")


def shell(request: HttpRequest) -> dict[str, object]:
    """Theme and density; the user's own theme wins over the cookie."""
    chosen = getattr(getattr(request, "user", None), "theme", "") or request.COOKIES.get("theme")
    chinese = (get_language() or "").startswith("zh")
    on_mac = any(
        name in request.headers.get("User-Agent", "") for name in ("Mac", "iPhone", "iPad")
    )
    return {
        "command_key": "⌘" if on_mac else "Ctrl",
        "theme": chosen if chosen in THEMES else "system",
        "is_dense": request.COOKIES.get("dense") == "1",
        "html_language": "zh-Hans" if chinese else "en",
        "other_language": ("en", "en", "EN") if chinese else ("zh-hans", "zh-Hans", "中文"),
    }
