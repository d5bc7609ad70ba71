"""The state field: readable by all, writable only by a transition.

Why not the library's own protection: `protected=True` breaks `full_clean()` and
`refresh_from_db()`, and its mixin leaves the protection off for the whole process when
a refresh fails. So: construction and the same value pass; while one instance is being
refreshed, that instance alone takes the database's value; a deferred state is loaded
first, then guarded.
"""

from typing import Any

from django.db import models
from django.db.models.signals import class_prepared
from django_fsm import FSMField, FSMFieldDescriptor

HISTORICAL = "__fake__"  # the module that Django gives to the models of a migration's state
REFRESHING = "_refreshing"  # in the instance's __dict__ while the database's own value is being read


class StateDescriptor(FSMFieldDescriptor):
    """Refuses every assignment that would change a known state."""

    def __set__(self, instance: Any, value: Any) -> None:
        name = self.field.name
        if not instance.__dict__.get(REFRESHING):
            if name not in instance.__dict__ and not instance._state.adding and instance.pk is not None:
                self.field.get_state(instance)  # deferred: load it, then compare
            if name in instance.__dict__ and instance.__dict__[name] != value:
                raise AttributeError(f"{name} of {type(instance).__name__} changes only through perform().")
        instance.__dict__[name] = value


class StateField(FSMField):
    """A CharField for a state machine; pass `choices=` from the app's enums."""

    descriptor_class = StateDescriptor

    def contribute_to_class(self, cls: type[models.Model], name: str, *args: Any, **kwargs: Any) -> None:
        """Keep the library's listener off the throw-away models of migrations.

        They have no transitions, there are thousands of them, and each listener hears of every later class.
        """
        super().contribute_to_class(cls, name, *args, **kwargs)
        if cls.__module__ == HISTORICAL:
            class_prepared.disconnect(self._collect_transitions)


class LifecycleModel(models.Model):
    """Base of every model with a state machine on the field `state`."""

    class Meta:
        abstract = True

    def state_for(self, user: Any) -> str:
        """Return the state in the words that `user` may read."""
        return str(self.get_state_display())  # type: ignore[attr-defined]

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        """Reload the row; the only way besides a transition that `state` moves in memory."""
        self.__dict__[REFRESHING] = True
        try:
            super().refresh_from_db(*args, **kwargs)
        finally:
            self.__dict__.pop(REFRESHING)


def state_constraint(choices: type[models.TextChoices], name: str) -> models.CheckConstraint:
    """Return the CHECK that the column holds only values of the enum."""
    return models.CheckConstraint(condition=models.Q(state__in=list(choices.values)), name=name)
