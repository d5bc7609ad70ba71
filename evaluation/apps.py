"""The room `evaluation`: how it is judged."""

from importlib import import_module

from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    """Names the room for Django and loads the facts that it provides."""

    name = "evaluation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what this room knows for the steps of a proposal."""
        import_module("evaluation.guards")
        import_module("evaluation.needs")
