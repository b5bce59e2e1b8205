"""Addresses of recurring revenue."""

from __future__ import annotations

from django.urls import path

from perennial.revenue.views import (
    closes,
    cohorts,
    costs,
    credit,
    definitions,
    economics,
    economics_files,
    exclusions,
    expansion,
    files,
    movements,
    parameters,
    planner,
    renewals,
)

app_name = "revenue"
urlpatterns = [
    path("", movements.revenue, name="revenue"),
    path("movers/", movements.movers, name="movers"),
    path("customers/", movements.customers, name="customers"),
    path("movements.csv", files.movements_csv, name="csv"),
    path("movers.csv", files.movers_csv, name="movers_csv"),
    path("cohorts/", cohorts.cohorts, name="cohorts"),
    path("cohorts.csv", cohorts.cohorts_csv, name="cohorts_csv"),
    path("closes/", closes.closes, name="closes"),
    path("closes/<int:pk>/", closes.close, name="close"),
    path("closes/<int:pk>/close.json", closes.close_json, name="close_json"),
    path("closes/<int:pk>/customers.csv", closes.close_csv, name="close_csv"),
    path("closes/<int:pk>/restatement.csv", closes.restatement_csv, name="restatement_csv"),
    path("definitions/", definitions.definitions, name="definitions"),
    path("definitions/<slug:name>/", definitions.define, name="define"),
    path("rates/", definitions.rate, name="rate"),
    path("expansion/", expansion.page, name="expansion"),
    path("expansion.csv", expansion.page_csv, name="expansion_csv"),
    path("expansion/credit/", credit.credit, name="credit"),
    path("expansion/credit/<int:pk>/undo/", credit.undo, name="undo_credit"),
    path("planner/", planner.planner, name="planner"),
    path("planner.csv", planner.planner_csv, name="planner_csv"),
    path("parameters/", parameters.change, name="parameters"),
    path("renewals/", renewals.page, name="renewals"),
    path("renewals/exclusion/", exclusions.exclusion, name="exclusion"),
    path("renewals.csv", renewals.items_csv, name="renewals_csv"),
    path("renewal-rates.csv", renewals.rates_csv, name="renewal_rates_csv"),
    path("economics/", economics.page, name="economics"),
    path("economics.csv", economics_files.economics_csv, name="economics_csv"),
    path("costs/", costs.record, name="costs"),
]
