from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "perennial.config"
    label = "config"

    def ready(self) -> None:
        from perennial.config import checks  # noqa: F401  registers the checks
