"""Addresses of recurring revenue."""

from __future__ import annotations

from django.urls import path

from perennial.revenue.views import movements

app_name = "revenue"
urlpatterns = [
    path("", movements.revenue, name="revenue"),
    path("movers/", movements.movers, name="movers"),
    path("customers/", movements.customers, name="customers"),
    path("movements.csv", movements.movements_csv, name="csv"),
    path("movers.csv", movements.movers_csv, name="movers_csv"),
]
