from django.apps import AppConfig
from django.core import checks as registry

from bihuan.config import checks


class ConfigConfig(AppConfig):
    name = "bihuan.config"
    label = "config"

    def ready(self) -> None:
        registry.register(checks.sound_databases)
        registry.register(checks.data_folder)
