"""Addresses of the desk: Today, the customers, one customer, the palette."""

from __future__ import annotations

from django.urls import path

from perennial.desk.bow_tie import views as bow_tie
from perennial.desk.views import (
    alert,
    assigning,
    calendar,
    customer,
    customers,
    enrolling,
    groups,
    merging,
    palette,
    person,
    silent,
    tagging,
    team,
    today,
    touches,
    views,
)

app_name = "desk"
urlpatterns = [
    path("", today.today, name="today"),
    path("team/", team.board, name="team"),
    path("calendar/", calendar.month, name="calendar"),
    path("calendar/<str:token>.ics", calendar.feed, name="feed"),
    path("profile/calendar/", calendar.links, name="calendar_links"),
    path("profile/calendar/<int:pk>/revoke/", calendar.revoke, name="revoke_calendar"),
    path("palette/", palette.palette, name="palette"),
    path("touch/", touches.choose_customer, name="touch_any"),
    path("customers/", customers.customers, name="customers"),
    path("customers/export.csv", customers.customers_csv, name="customers_csv"),
    path("customers/assign/", assigning.assign, name="assign"),
    path("customers/assign/<int:pk>/undo/", assigning.undo_assign, name="undo_assign"),
    path("customers/views/", views.save_view, name="save_view"),
    path("customers/views/manage/", views.manage_views, name="manage_views"),
    path("customers/duplicates/", merging.duplicates, name="duplicates"),
    path("customers/merge/", merging.merge, name="merge"),
    path("customers/merge/<int:pk>/undo/", merging.undo_merge, name="undo_merge"),
    path("customers/silent/", silent.silent, name="silent"),
    path("customers/<int:pk>/silent/", silent.say_why, name="say_why_silent"),
    path("customers/<int:pk>/group/", groups.group_card, name="group_card"),
    path("customers/<int:pk>/group/parent/", groups.set_parent, name="set_parent"),
    path("customers/<int:pk>/links/", groups.add_link, name="add_link"),
    path("customers/<int:pk>/links/<int:link_pk>/", groups.remove_link, name="remove_link"),
    path("customers/columns/", views.choose_columns, name="choose_columns"),
    path("customers/bow-tie/", bow_tie.page, name="bow_tie"),
    path("customers/playbook/", enrolling.enrol, name="enrol"),
    path("customers/tags/", tagging.tag, name="tag"),
    path("customers/tags/<int:pk>/undo/", tagging.undo_tag, name="undo_tag"),
    path("customers/views/<int:pk>/delete/", views.delete_view, name="delete_view"),
    path("customers/<int:pk>/", customer.customer, name="customer"),
    path("customers/<int:pk>/peek/", customer.peek, name="peek"),
    path("customers/<int:pk>/people/<int:person_pk>/", person.person, name="person"),
    path("customers/<int:pk>/touch/", touches.log_touch, name="touch"),
    path("customers/<int:pk>/touch/<int:touch_pk>/", touches.edit_touch, name="edit_touch"),
    path(
        "customers/<int:pk>/touch/<int:touch_pk>/remove/",
        touches.remove_touch,
        name="remove_touch",
    ),
    path("alerts/<int:pk>/", alert.alert, name="alert"),
]
