from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "perennial.events"
    label = "events"
