from django.apps import AppConfig


class ZonesConfig(AppConfig):
    name = "bihuan.zones"
    label = "zones"
