from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "perennial.desk"
    label = "desk"
