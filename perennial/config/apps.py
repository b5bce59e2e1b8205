from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "perennial.config"
    label = "config"
