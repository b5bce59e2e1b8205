"""Addresses of mail to log."""

from __future__ import annotations

from django.urls import path

from perennial.connectors.mailbox import views

app_name = "mailbox"
urlpatterns = [
    path("", views.mailbox, name="page"),
    path("renew/", views.renew, name="renew"),
    path("<int:pk>/accept/", views.accept, name="accept"),
    path("<int:pk>/discard/", views.discard, name="discard"),
    path("<int:pk>/undo/", views.undo, name="undo"),
]
