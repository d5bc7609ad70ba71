"""The room `evaluation`: how it is judged."""

from importlib import import_module

from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    """Names the room for Django and loads what it provides and reacts to."""

    name = "evaluation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what this room knows for the steps of a proposal."""
        import_module("evaluation.guards")
        import_module("evaluation.needs")
        import_module("evaluation.reserving")
        import_module("evaluation.reactions")
        import_module("evaluation.beside")
        import_module("evaluation.own_review")
        import_module("evaluation.handing_out")
