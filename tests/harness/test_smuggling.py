"""Fields that a page does not offer are not taken: every column of every table is posted to every address."""

import re

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from people.models import Notification, User

from ..sizes import once
from .matrix import MATRIX, world  # noqa: F401  (the fixture)
from .pages import PUBLIC, SIGNED_IN
from .test_access import FORM, address

SMUGGLED = "987654321"  # fits a number and a text; as a state, a key or a day it breaks the database's own guards
NAME = re.compile(rb'name="([^"]+)"')
FLAGS = ("is_staff", "is_superuser", "is_active", "is_system", "is_demo", "email")


def columns():
    fields = [field for model in apps.get_models() for field in model._meta.concrete_fields]
    return {name for field in fields for name in (field.name, field.attname)}


def flags():
    return list(User.objects.order_by("pk").values_list("pk", *FLAGS))


def smuggle(client, path, shown):
    """Post the form with all columns that the page does not offer; return the writes that took one. Changes nothing."""
    offered = set(FORM) | {name.decode() for name in NAME.findall(shown)}
    form = dict.fromkeys(columns() - offered, SMUGGLED) | FORM
    before = flags()
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        client.post(path, form)
        written = [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "UPDATE"))]
        taken = [sql for sql in written if SMUGGLED in sql and "django_session" not in sql]
        taken += [f"{old} became {new}" for old, new in zip(before, flags(), strict=True) if old != new]
        transaction.set_rollback(True)
    return taken


@once
def test_no_address_takes_a_column_that_its_page_does_not_offer(world, cast):  # noqa: F811
    taken = {}
    for name, access in MATRIX.items():
        person = "lead" if access.may_post in (PUBLIC, SIGNED_IN) else next(iter(access.may_post), None)
        if person is None:
            continue
        client = Client()
        client.force_login(cast[person])
        path = address(name, world)
        shown = client.get(path).content if access.get else b""
        if found := smuggle(client, path, shown):
            taken[name, person] = found
    assert taken == {}


@pytest.mark.parametrize("column", ["subject", "mail_state"])
def test_column_that_is_taken_is_found(client, world, cast, monkeypatch, column):  # noqa: F811
    """The guard taken away: a view that writes whatever is posted."""

    def careless(self, request, pk):
        Notification.objects.filter(pk=pk).update(**{column: request.POST[column]})
        return HttpResponse()

    monkeypatch.setattr("people.views.OpenMessage.post", careless)
    client.force_login(cast["lead"])
    path = address("open_message", world)
    if column == "subject":
        assert [SMUGGLED in sql for sql in smuggle(client, path, b"")] == [True]
    else:
        with pytest.raises(Exception, match=r"notification_mail_known|value too long"):
            smuggle(client, path, b"")
