"""Addresses of success plans and touchpoints."""

from __future__ import annotations

from django.urls import path

from perennial.work.plans.views import (
    definitions,
    listing,
    plan,
    rows,
    shared,
    sharing,
    touchpoints,
)

app_name = "plans"
urlpatterns = [
    path("", listing.plans, name="list"),
    path("choose/", listing.choose, name="choose"),
    path("of/<int:customer_pk>/new/", listing.new, name="new"),
    path("of/<int:customer_pk>/card/<slug:name>/", listing.card, name="card"),
    path("undo/<int:pk>/", listing.undo, name="undo"),
    path("<int:pk>/", plan.plan, name="plan"),
    path("<int:pk>/edit/", plan.edit, name="edit"),
    path("<int:pk>/judge/", plan.judge, name="judge"),
    path("<int:pk>/state/<slug:name>/", plan.state, name="state"),
    path("<int:pk>/copy/", plan.copy, name="copy"),
    path("<int:pk>/template/", plan.as_template, name="as_template"),
    path("<int:pk>/goals/new/", rows.new_goal, name="new_goal"),
    path("<int:pk>/actions/new/", rows.new_action, name="new_action"),
    path("<int:pk>/strategies/new/", rows.new_strategy, name="new_strategy"),
    path("goals/<int:pk>/", rows.goal, name="goal"),
    path("goals/<int:pk>/read/", rows.read, name="read"),
    path("goals/<int:pk>/remove/", rows.remove_goal, name="remove_goal"),
    path("actions/<int:pk>/", rows.action, name="action"),
    path("actions/<int:pk>/done/", rows.tick, name="tick"),
    path("actions/<int:pk>/remove/", rows.remove_action, name="remove_action"),
    path("strategies/<int:pk>/", rows.strategy, name="strategy"),
    path("strategies/<int:pk>/remove/", rows.remove_strategy, name="remove_strategy"),
    path("<int:pk>/share/", sharing.share, name="share"),
    path("<int:pk>/preview/", sharing.preview, name="preview"),
    path("<int:pk>/answer/", sharing.answer, name="answer"),
    path("<int:pk>/links/<int:link_pk>/revoke/", sharing.revoke, name="revoke"),
    path("shared/<str:token>/", shared.shared, name="shared"),
    path("shared/<str:token>/say/", shared.say, name="shared_say"),
    path("shared/<str:token>/done/<int:pk>/", shared.tick, name="shared_done"),
    path("touchpoints/", touchpoints.touchpoints, name="touchpoints"),
    path("of/<int:customer_pk>/touchpoints/new/", touchpoints.new, name="new_touchpoint"),
    path("touchpoints/<int:pk>/move/", touchpoints.move, name="move"),
    path("touchpoints/<int:pk>/skip/", touchpoints.skip, name="skip"),
    path("touchpoints/<int:pk>/hold/", touchpoints.hold, name="hold"),
    path("definitions/", definitions.definitions, name="definitions"),
    path("definitions/rules/<slug:name>/", definitions.rule, name="rule"),
    path("definitions/<slug:kind>/<slug:name>/retire/", definitions.drop, name="drop"),
]
