"""Questions whose SQL is put together once per process, where that takes longer than the answer (ADR 27).

`prepared` takes a function that makes a queryset. Its positional arguments are values: rows and keys. Its keyword
arguments are the shape: on them the text of the SQL may depend, on nothing else. The text is made with stand-ins for
the values and for the moment that `clock` gives, which each question fills in. At the first question of a shape it is
compared with what the function makes of the real values now; where it differs, or the function asks the database, that
shape is put together each time as before, and the log says so.
"""

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import update_wrapper
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection, connections, models
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

from . import clock

log = logging.getLogger(__name__)
M = TypeVar("M")
STAND_IN = -7_000_000_001  # keys stand in from here downwards
MOMENT = datetime(2777, 3, 3, 3, 33, 33, 333333, tzinfo=UTC)
MOMENT_IN_SQLITE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?")
DAY_IN_SQLITE = re.compile(r"\d{4}-\d\d-\d\d")
NEAR = timedelta(days=25)  # beyond, a moment may be reckoned in months, which differ in length
PREPARED: "list[Prepared[Any]]" = []
Fill = Callable[[Sequence[Any], datetime], Any]


class NotPreparable(RuntimeError):
    """The function makes a text that does not hold for other values."""


@dataclass(frozen=True)
class Plan:
    """One text, what it makes rows of, and how its parameters are filled in."""

    found: QuerySet[Any]
    compiler: SQLCompiler
    sql: str
    fills: tuple[Fill, ...]

    def filled(self, values: Sequence[Any]) -> tuple[Any, ...]:
        """Return the parameters that ask for `values` now."""
        now = clock.now()
        return tuple(fill(values, now) for fill in self.fills)

    def ask(self, values: Sequence[Any]) -> QuerySet[Any]:
        """Return the queryset that asks for `values`; it is to be read, not narrowed further."""
        params = self.filled(values)
        compiler = copy(self.compiler)
        compiler.connection = connections[connection.alias]
        compiler.as_sql = lambda *_, **__: (self.sql, params)  # type: ignore[method-assign]
        query = _twin(self.found.query)
        query.get_compiler = lambda *_, **__: compiler  # type: ignore[method-assign]
        found = _twin(self.found)
        found._query = query  # type: ignore[attr-defined]
        found._result_cache, found._prefetch_done = None, False  # type: ignore[attr-defined]
        return found


class Prepared(Generic[M]):
    """A question that is put together once for each database, kinds of values and shape."""

    def __init__(self, build: Callable[..., QuerySet[Any]]) -> None:
        self.build = build
        self.plans: dict[Any, Plan | None] = {}
        update_wrapper(self, build)
        PREPARED.append(self)

    def __call__(self, *values: Any, **shape: Any) -> list[M]:
        """Return the rows."""
        plan = self.plan_for(values, shape)
        return list(self.build(*values, **shape) if plan is None else plan.ask(values))

    def plan_for(self, values: Sequence[Any], shape: dict[str, Any]) -> Plan | None:
        """Return the plan of a shape, made and compared at the first question; None where none can be made."""
        key = connection.vendor, *(value.__class__ for value in values), *sorted(shape.items())
        if key not in self.plans:
            try:
                self.plans[key] = self._plan(values, shape)
            except NotPreparable:
                log.exception("not_preparable question=%s", self.build.__qualname__)
                self.plans[key] = None
        return self.plans[key]

    def _plan(self, values: Sequence[Any], shape: dict[str, Any]) -> Plan:
        stand_ins = [_stand_in(value, place) for place, value in enumerate(values)]
        now = clock.now()
        with asking_nothing():
            with clock.frozen(MOMENT):
                found = self.build(*stand_ins, **shape)
                compiler = found.query.get_compiler(connection.alias)
                sql, params = compiler.as_sql()
            plan = Plan(found, compiler, sql, tuple(_fill(param, stand_ins) for param in params))
            with clock.frozen(now):
                if (plan.sql, plan.filled(values)) != self.build(*values, **shape).query.sql_with_params():
                    raise NotPreparable("The text is another one for these values, or at this moment.")
        return plan


def prepared(build: "Callable[..., QuerySet[Any, M]]") -> "Prepared[M]":
    """Let the SQL of `build` be put together once."""
    return Prepared(build)


def _stand_in(value: Any, place: int) -> Any:
    if isinstance(value, models.Model):
        return value.__class__(pk=STAND_IN - place)
    if isinstance(value, UUID):
        return UUID(int=2**127 + place)
    if isinstance(value, int) and not isinstance(value, bool):
        return STAND_IN - place
    if isinstance(value, str):
        return f"{STAND_IN - place}"
    raise NotPreparable(f"{value!r} is neither a row nor a key.")


def _twin(one: M) -> M:
    """Return an object with the same parts; a queryset that is copied by `copy` asks the database first."""
    twin: M = object.__new__(type(one))
    twin.__dict__.update(one.__dict__)
    return twin


def _key(value: Any) -> Any:
    return value.pk if isinstance(value, models.Model) else value


def _fill(param: Any, stand_ins: Sequence[Any]) -> Fill:
    """Return how a parameter of the text is made for other values: as the database's driver wants it."""
    for place, stand_in in enumerate(stand_ins):
        key = _key(stand_in)
        if isinstance(key, UUID) and param == key.hex:
            return lambda values, _: _key(values[place]).hex
        if param == key:
            kind = type(param) if isinstance(param, int) else _as_it_is
            return lambda values, _: kind(_key(values[place]))
    return _fill_of_time(param)


def _fill_of_time(param: Any) -> Fill:
    """Return how a moment or a day near the one that stood in is made now; whatever else stays as it is."""
    moment, day = _moment_in(param), _day_in(param)
    if moment is not None:
        later = _near(moment - MOMENT)
        return lambda _, now: connection.ops.adapt_datetimefield_value(now + later)
    if day is not None:
        days = _near(day - _local_day(MOMENT))
        return lambda _, now: connection.ops.adapt_datefield_value(_local_day(now) + days)
    return lambda _, __: param


def _moment_in(param: Any) -> datetime | None:
    if isinstance(param, str) and MOMENT_IN_SQLITE.fullmatch(param):
        return datetime.fromisoformat(param).replace(tzinfo=connection.timezone)
    return param if isinstance(param, datetime) else None


def _day_in(param: Any) -> date | None:
    if isinstance(param, str) and DAY_IN_SQLITE.fullmatch(param):
        return date.fromisoformat(param)
    return param if isinstance(param, date) and not isinstance(param, datetime) else None


def _local_day(moment: datetime) -> date:
    return timezone.localtime(moment).date()


def _near(difference: timedelta) -> timedelta:
    if abs(difference) > NEAR:
        raise NotPreparable("The question has a moment that the clock did not give, or one far from it.")
    return difference


def _as_it_is(value: Any) -> Any:
    return value


@contextmanager
def asking_nothing() -> Iterator[None]:
    """Refuse each question to the database inside: what it answers would stand in the text for everybody."""

    def refuse(*_: Any) -> Any:
        raise NotPreparable("The question asks the database while it is put together.")

    with connection.execute_wrapper(refuse):
        yield
