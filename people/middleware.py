"""Sessions that end, one kind of line end in every form, and the second factor that some roles need before anything.

What somebody typed while their session ended is asked about before the page that it was for.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect

from lifecycle import clock

from . import kept, typed
from .sessions import know

TOUCH = timedelta(minutes=5)  # the session row is written at most this often
Respond = Callable[[HttpRequest], HttpResponse]


def idle_sessions_end(respond: Respond) -> Respond:
    """Sign out a session that was idle longer than `settings.SESSION_IDLE`; no cache keeps a private page."""

    def handle(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            seen = request.session.get("seen")
            last = datetime.fromisoformat(seen) if seen else None
            if last and clock.now() - last > settings.SESSION_IDLE:
                logout(request)
            elif last is None or clock.now() - last > TOUCH:
                request.session["seen"] = clock.now().isoformat()
        response = respond(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
            know(request, response)
        return response

    return handle


TURNS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # signs that set the direction of writing


class LineEndsAreOne:
    """Makes every line end of a sent form one character, as the page's script and the limits of length count it.

    Browsers send two; so the same text, saved by the script and by the button, would be two texts. Signs that nobody
    sees and that turn the words after them round (Unicode's bidirectional controls) are left out; a password is let be.
    """

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; the form is read as late as the check of its token reads it."""
        return self.respond(request)

    def process_view(self, request: HttpRequest, *view: Any) -> None:
        """Put the changed form in the place of the sent one."""
        if request.method != "POST":
            return
        cleaned = {name: [_clean(name, text) for text in texts] for name, texts in request.POST.lists()}
        if cleaned == dict(request.POST.lists()):
            return
        form = request.POST.copy()
        for name, texts in cleaned.items():
            form.setlist(name, texts)
        form._mutable = False
        request.POST = form  # type: ignore[assignment]


def _clean(name: str, text: str) -> str:
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return plain if "password" in name else TURNS.sub("", plain)


class LoginIsDemanded(LoginRequiredMiddleware):
    """Leads to the sign-in; what a form sent waits for its writer. Pages that take it back themselves ask here not."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        """Keep what was typed, but nothing of an account or of Django's admin."""
        name = request.resolver_match.view_name if request.resolver_match else ""
        if request.method == "POST" and not name.startswith(("account_", "mfa_", "admin:")):
            kept.keep(request, asks=True)
        return super().handle_no_permission(request, view_func)


# What stays open to somebody who has still to set up the second factor; all pages of `mfa_…` too.
OPEN_WITHOUT = frozenset({
    "second_factor", "account", "help", "live", "ready", "account_logout", "account_login", "account_reauthenticate",
    "account_change_password", "account_reset_password", "account_reset_password_done",
    "account_reset_password_from_key", "account_reset_password_from_key_done",
})  # fmt: skip
WANTED = "wanted"  # in the session: the page that is offered once the second factor is there
WHY = "wanted_why"  # in the session: what asks for it, where no role does


class SecondFactorIsDemanded:
    """Leads whoever holds a role that demands a second factor, and has none, to the page that says why.

    Side effect: the session keeps the page that was asked for. A POST is refused in the same way, with nothing done.
    """

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; the refusal needs the view's name."""
        return self.respond(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        """Answer in the view's place."""
        if not request.user.is_authenticated or not request.user.lacks_second_factor:
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in OPEN_WITHOUT or name.startswith("mfa_"):
            return None
        if request.method == "GET":
            request.session[WANTED] = request.get_full_path()
            request.session.pop(WHY, None)
        return redirect("second_factor")


TAKEN = (HTTPStatus.OK, HTTPStatus.FOUND, HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT)


class TextComesBack:
    """Shows kept text before the page that it was for, with one button to send it and one to throw it away."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Forget the text once its page has taken it, or shows it again; a refusal or an error leaves it."""
        response = self.respond(request)
        if request.method == "POST" and response.status_code in TAKEN and kept.asked(request) is not None:
            kept.forget(request)
        return response

    def process_view(self, request: HttpRequest, view: Any, *given: Any) -> HttpResponse | None:
        """Answer in the view's place while text waits for this address."""
        waiting = kept.asked(request)
        if waiting is None:
            return None
        if request.method == "POST" and typed.FORGET in request.POST:
            shown = hasattr(getattr(view, "view_class", None), "get")
            return redirect(request.get_full_path() if shown else "home")
        if request.method != "GET":
            return None
        return typed.page(request, waiting)
