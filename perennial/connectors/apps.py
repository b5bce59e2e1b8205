from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    name = "perennial.connectors"
    label = "connectors"
