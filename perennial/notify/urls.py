from __future__ import annotations

from django.urls import path

from perennial.notify.views import channels, inbox, mails, wishes

app_name = "notify"
urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("read/", inbox.read_all, name="read_all"),
    path("read/<int:stamp>/undo/", inbox.undo_read, name="undo_read"),
    path("<int:pk>/", inbox.open_notice, name="open"),
    path("<int:pk>/turn/", inbox.turn, name="turn"),
    path("wishes/", wishes.wishes, name="wishes"),
    path("mails/", mails.mails, name="mails"),
    path("mails/<int:pk>/", mails.try_again, name="try_again"),
    path("channels/", channels.channels, name="channels"),
    path("channels/add/", channels.add, name="add_channel"),
    path("channels/<int:pk>/", channels.channel, name="channel"),
    path("channels/<int:pk>/test/", channels.test, name="test_channel"),
    path("channels/<int:pk>/pause/", channels.pause, name="pause_channel"),
    path("channels/<int:pk>/remove/", channels.remove, name="remove_channel"),
    path("deliveries/<int:pk>/again/", channels.again, name="send_again"),
]
