"""The room `people`: who may, and who is involved in what."""

from django import forms
from django.apps import AppConfig

from .fields import shows_something

# Here, because every app's settings are read before any room's forms are: no text field takes what shows nothing.
forms.CharField.default_validators = [shows_something]


class PeopleConfig(AppConfig):
    """Names the room for Django."""

    name = "people"
    default_auto_field = "django.db.models.BigAutoField"
