"""The room `evaluation`: how it is judged."""

from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    """Names the room for Django."""

    name = "evaluation"
    default_auto_field = "django.db.models.BigAutoField"
