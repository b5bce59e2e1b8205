from django.apps import AppConfig


class TeamConfig(AppConfig):
    name = "perennial.team"
    label = "team"
