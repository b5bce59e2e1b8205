"""Every page needs a log-in unless its view says otherwise; the user's language wins."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.contrib.auth.middleware import LoginRequiredMiddleware as DjangoLoginRequired
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import translation
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails


class LoginRequiredMiddleware(DjangoLoginRequired):
    def process_request(self, request: HttpRequest) -> None:
        language = getattr(request.user, "language", "")
        if language:
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        """A partial must not receive the log-in page: the whole page goes there."""
        htmx = getattr(request, "htmx", None)
        if isinstance(htmx, HtmxDetails) and htmx:
            came_from = urlsplit(htmx.current_url or "/")
            back = came_from.path + (f"?{came_from.query}" if came_from.query else "")
            return HttpResponseClientRedirect(redirect_to_login(back).url)  # type: ignore[return-value]  # both are redirects
        return super().handle_no_permission(request, view_func)
