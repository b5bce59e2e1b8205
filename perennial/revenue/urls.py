"""Addresses of recurring revenue."""

from __future__ import annotations

from django.urls import path

from perennial.revenue import views

app_name = "revenue"
urlpatterns = [
    path("", views.revenue, name="revenue"),
    path("movers/", views.movers, name="movers"),
    path("customers/", views.customers, name="customers"),
    path("movements.csv", views.movements_csv, name="csv"),
    path("movers.csv", views.movers_csv, name="movers_csv"),
]
