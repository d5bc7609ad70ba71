"""The room `people`: who may, and who is involved in what."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Names the room for Django."""

    name = "people"
    default_auto_field = "django.db.models.BigAutoField"
