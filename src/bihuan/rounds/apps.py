from django.apps import AppConfig


class RoundsConfig(AppConfig):
    name = "bihuan.rounds"
    label = "rounds"
