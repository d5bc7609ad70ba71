"""Fixtures that live through the services once and are put back row by row in later tests.

The first test that asks for such a fixture builds it as the cast would; what this wrote is kept, and later tests of the
same process get the same rows inserted. A fixture is kept per path: what was built before it in the same test. Where
a test wrote anything of its own before, the fixture is built anew.
"""

import copy
import functools
from graphlib import TopologicalSorter

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.models import CASCADE

READS = ("SELECT", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT", "SET ", "PRAGMA")

_kept = {}
_path = []  # (name of the fixture, writes after it) of the present test
_writes = [0]  # how many statements of the present test were no reads


def _count_writes(execute, sql, params, many, context):
    if not sql.lstrip().upper().startswith(READS):
        _writes[0] += 1
    return execute(sql, params, many, context)


def forget_path():
    """Begin a test: nothing has been built or written in it yet."""
    _path.clear()
    _writes[0] = 0
    if _count_writes not in connection.execute_wrappers:
        connection.execute_wrappers.append(_count_writes)


def _models():
    return [m for m in apps.get_models(include_auto_created=True) if m._meta.managed and not m._meta.proxy]


def _first_permission():
    """Return where the permissions begin, which a flush writes anew: what was kept before it does not fit after it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id) FROM auth_permission")
        return cursor.fetchone()[0]


def _rows():
    """Return (model, pk) -> values of every row."""
    found = {}
    for model in _models():
        names = [field.attname for field in model._meta.concrete_fields]
        for values in model._base_manager.order_by().values_list(*names):
            row = dict(zip(names, values, strict=True))
            found[model, row[model._meta.pk.attname]] = row
    return found


def _put_back(new, changed):
    """Insert what the fixture wrote, parts before their whole, and update what it changed.

    Triggers refuse a new part of a whole that is frozen; of one that is not there yet they know nothing.
    """
    with transaction.atomic():
        for model in _parts_first(new):
            model._base_manager.bulk_create([model(**row) for row in new[model]])
        for (model, pk), row in changed:
            model._base_manager.filter(pk=pk).update(**row)


def _parts_first(models):
    """Return the models so that each stands before those whose rows, deleted, would take its rows with them."""
    order = TopologicalSorter()
    for model in reversed([model for model in _models() if model in models]):
        order.add(model)
        for field in model._meta.concrete_fields:
            whole = field.remote_field and field.remote_field.on_delete is CASCADE and field.related_model
            if whole and whole is not model and whole in models:
                order.add(whole, model)
    return list(order.static_order())


def _build(function, given):
    before = _rows()
    value = function(**given)
    new, changed = {}, []
    for key, row in _rows().items():
        if key not in before:
            new.setdefault(key[0], []).append(row)
        elif before[key] != row:
            changed.append((key, row))
    dicts = {name: arg for name, arg in given.items() if isinstance(arg, dict)}  # `world` adds people to the cast
    return copy.deepcopy(((value, dicts), new, changed)), value


def remembered(function):
    """Make a fixture of a function that only writes to the database and returns models, or dicts of them."""
    name = f"{function.__module__}.{function.__name__}"

    @pytest.fixture
    @functools.wraps(function)
    def fixture(**given):
        if (_path[-1][1] if _path else 0) != _writes[0]:  # the test wrote something itself
            _path.append((name, None))
            return function(**given)
        key = (*(step for step, _ in _path), name, _first_permission())
        if key in _kept:
            kept, new, changed = _kept[key]
            _put_back(new, changed)
            value, dicts = copy.deepcopy(kept)
            for argument, content in dicts.items():
                given[argument].clear()
                given[argument].update(content)
        else:
            _kept[key], value = _build(function, given)
        _path.append((name, _writes[0]))
        return value

    return fixture
