"""Addresses of recurring revenue."""

from __future__ import annotations

from django.urls import path

from perennial.revenue.views import credit, expansion, movements, parameters

app_name = "revenue"
urlpatterns = [
    path("", movements.revenue, name="revenue"),
    path("movers/", movements.movers, name="movers"),
    path("customers/", movements.customers, name="customers"),
    path("movements.csv", movements.movements_csv, name="csv"),
    path("movers.csv", movements.movers_csv, name="movers_csv"),
    path("expansion/", expansion.page, name="expansion"),
    path("expansion.csv", expansion.page_csv, name="expansion_csv"),
    path("expansion/credit/", credit.credit, name="credit"),
    path("expansion/credit/<int:pk>/undo/", credit.undo, name="undo_credit"),
    path("parameters/", parameters.change, name="parameters"),
]
