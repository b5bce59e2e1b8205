from django.apps import AppConfig


class ContractsConfig(AppConfig):
    name = "perennial.contracts"
    label = "contracts"
