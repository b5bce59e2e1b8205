"""Addresses of the way in: onboarding, handovers, delivery projects."""

from __future__ import annotations

from django.urls import path

from perennial.work.onboarding.views import handovers, lists, onboardings, plan, projects

app_name = "onboarding"
urlpatterns = [
    path("", lists.onboardings, name="list"),
    path("handovers/", lists.handovers, name="handovers"),
    path("deliveries/", lists.deliveries, name="deliveries"),
    path("time-to-value/", lists.time_to_value, name="time_to_value"),
    path("plan/", plan.plan, name="plan"),
    path("plan/edit/", plan.edit, name="edit_plan"),
    path("plan/preview/", plan.preview, name="preview_plan"),
    path("start/", onboardings.start, name="start"),
    path("of/<int:pk>/", onboardings.card, name="card"),
    path("<int:pk>/edit/", onboardings.edit, name="edit"),
    path("<int:pk>/stop/", onboardings.stop, name="stop"),
    path("<int:pk>/resume/", onboardings.resume, name="resume"),
    path("milestones/<int:pk>/reach/", onboardings.reach, name="reach"),
    path("milestones/<int:pk>/take-back/", onboardings.take_back, name="take_back"),
    path("handovers/new/", handovers.new, name="new_handover"),
    path("handovers/book/", handovers.book, name="book"),
    path("handovers/<int:pk>/", handovers.handover, name="handover"),
    path("handovers/<int:pk>/edit/", handovers.edit, name="edit_handover"),
    path("handovers/<int:pk>/offer/", handovers.offer, name="offer"),
    path("handovers/<int:pk>/take-back/", handovers.take_back, name="take_back_handover"),
    path("handovers/<int:pk>/accept/", handovers.accept, name="accept"),
    path("handovers/<int:pk>/return/", handovers.give_back, name="return"),
    path("promises/<int:pk>/judge/", handovers.judge, name="judge"),
    path("deliveries/new/", projects.new, name="new_delivery"),
    path("deliveries/<int:pk>/", projects.project, name="project"),
    path("deliveries/<int:pk>/edit/", projects.edit, name="edit_project"),
    path("deliveries/<int:pk>/phases/<slug:name>/", projects.phase, name="phase"),
    path("deliveries/<int:pk>/stop/", projects.stop, name="stop_project"),
    path("deliveries/<int:pk>/resume/", projects.resume, name="resume_project"),
]
