"""Error pages: what happened and what to do; the same body for missing and hidden."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

from people import typed
from people.kept import worth_keeping


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Answer 400."""
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Answer 403 with the reason when there is one."""
    return render(request, "403.html", {"reason": str(exception or "")}, status=403)


def old_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form whose token is not this session's; what was typed is shown again, to be sent by a press.

    Only to our own page of the same writer: another site's form is never offered.
    """
    said = worth_keeping(request.POST)
    own = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    mine = request.user.is_authenticated and request.POST.get("writer", str(request.user.pk)) == str(request.user.pk)
    if said is None or not own or not mine:
        return render(request, "old_form.html", status=403)
    return typed.page(request, said, status=403)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Answer 404; it never tells a missing page from a hidden one."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 without touching the database."""
    return HttpResponse(render_plain(), status=500)


def render_plain() -> str:
    """Return the 500 page, rendered without context processors."""
    return loader.render_to_string("500.html")
