"""Addresses of the import wizard and the exports."""

from __future__ import annotations

from django.urls import path

from perennial.connectors import views
from perennial.connectors.mailbox import views as mailbox

app_name = "connectors"
urlpatterns = [
    path("", views.imports, name="imports"),
    path("<int:pk>/", views.one, name="import"),
    path("<int:pk>/preview/", views.preview, name="preview"),
    path("<int:pk>/run/", views.run, name="run"),
    path("<int:pk>/undo/", views.undo, name="undo"),
    path("<int:pk>/discard/", views.discard, name="discard"),
    path("<int:pk>/rejects.csv", views.rejects, name="rejects"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/renew/", mailbox.renew, name="renew_mailbox"),
    path("mailbox/<int:pk>/accept/", mailbox.accept, name="accept_mail"),
    path("mailbox/<int:pk>/discard/", mailbox.discard, name="discard_mail"),
    path("mailbox/<int:pk>/undo/", mailbox.undo, name="undo_mail"),
    path("export/<slug:kind>.csv", views.export, name="export"),
]
