"""Every page needs a log-in unless its view says otherwise; the user's language wins."""

from __future__ import annotations

from django.contrib.auth.middleware import LoginRequiredMiddleware as DjangoLoginRequired

LoginRequiredMiddleware = DjangoLoginRequired
