from __future__ import annotations

from django.urls import path

from perennial.notify import views

app_name = "notify"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("read/", views.read_all, name="read_all"),
    path("<int:pk>/", views.open_notice, name="open"),
    path("wishes/", views.wishes, name="wishes"),
    path("mails/", views.mails, name="mails"),
    path("mails/<int:pk>/", views.try_again, name="try_again"),
]
