from __future__ import annotations

from django.urls import path

from perennial.alerts import views

app_name = "alerts"
urlpatterns = [path("", views.alerts, name="list")]
