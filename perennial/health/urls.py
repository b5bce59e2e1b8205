"""Addresses of health: scorecards and their editor, what people say of a customer."""

from __future__ import annotations

from django.urls import URLPattern, path

from perennial.health.classes import on_customer
from perennial.health.classes import views as classes
from perennial.health.views import backtest, editor, publish, risk, said, scorecards

app_name = "health"
urlpatterns: list[URLPattern] = [
    path("", scorecards.scorecards, name="scorecards"),
    path("profiles/add/", scorecards.add, name="add_profile"),
    path("profiles/<slug:name>/", scorecards.profile, name="profile"),
    path("profiles/<slug:name>/compare/", scorecards.compare, name="compare_versions"),
    path("profiles/<slug:name>/edit/", editor.edit, name="edit_profile"),
    path("profiles/<slug:name>/preview/", editor.preview, name="preview_profile"),
    path("profiles/<slug:name>/discard/", editor.discard, name="discard_draft"),
    path("profiles/<slug:name>/publish/", publish.publish_profile, name="publish_profile"),
    path("profiles/<slug:name>/restore/", scorecards.restore_version, name="restore_version"),
    path("profiles/<slug:name>/retire/", scorecards.retire_profile, name="retire_profile"),
    path("backtest/", backtest.page, name="backtest"),
    path("backtest/<slug:name>/", backtest.beside, name="backtest_beside"),
    path("risk/", risk.page, name="risk"),
    path("customers/<int:pk>/said/", said.card, name="said"),
    path("customers/<int:pk>/opinion/", said.opinion, name="opinion"),
    path("customers/<int:pk>/override/", said.override, name="override"),
    path("customers/<int:pk>/withdraw/", said.withdraw, name="withdraw"),
    path("classes/", classes.classes, name="classes"),
    path("classes/<slug:kind>/", classes.classes, name="classes_of"),
    path("classes/<slug:kind>/edit/", classes.edit, name="class_edit"),
    path("classes/<slug:kind>/preview/", classes.preview, name="class_preview"),
    path("customers/<int:pk>/classes/", on_customer.card, name="class_card"),
    path("customers/<int:pk>/fit/", on_customer.say, name="say_fit"),
    path("customers/<int:pk>/classes/<slug:kind>/", on_customer.hold, name="class_override"),
    path("customers/<int:pk>/classes/<slug:kind>/withdraw/", on_customer.back, name="class_back"),
]
