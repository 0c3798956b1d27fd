from django.apps import AppConfig


class SafetyConfig(AppConfig):
    name = "bihuan.safety"
    label = "safety"
