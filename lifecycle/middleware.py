"""Per-request facts: the arrival time and the request id."""

import logging
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

from . import clock
from .remembering import reading

request_id: ContextVar[str] = ContextVar("request_id", default="-")
Respond = Callable[[HttpRequest], HttpResponse]


def arrival_middleware(respond: Respond) -> Respond:
    """Fix the arrival time first of all, so that a slow line never makes anybody late."""

    def handle(request: HttpRequest) -> HttpResponse:
        token = request_id.set(uuid.uuid4().hex[:12])
        try:
            with clock.arrived(clock.now()):
                response = respond(request)
            response["X-Request-ID"] = request_id.get()
            return response
        finally:
            request_id.reset(token)

    return handle


class RequestIdFilter(logging.Filter):
    """Adds the request id to every log record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Put the id on the record; never drops one."""
        record.request_id = request_id.get()
        return True


def reads_ask_once(respond: Respond) -> Respond:
    """Let a GET or HEAD ask each `remembered` question once; what may write asks afresh each time."""

    def handle(request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return respond(request)
        with reading():
            return respond(request)

    return handle
