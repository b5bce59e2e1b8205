"""Addresses that edit a customer in place and what belongs to it; mounted at /customers/."""

from __future__ import annotations

from django.urls import include, path

from perennial.customers import views

app_name = "customers"
urlpatterns = [
    path("<int:pk>/fields/<slug:name>/", views.field, name="field"),
    path("", include("perennial.customers.people.urls")),
    path("", include("perennial.customers.assessments.urls")),
]
