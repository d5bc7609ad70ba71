"""Sessions that end, one kind of line end in every form, and the second factor that some roles need before anything."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from lifecycle import clock

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
        return response

    return handle


class LineEndsAreOne:
    """Makes every line end of a sent form one character, as the page's script and the limits of length count it.

    Browsers send two; so the same text, saved by the script and by the button, would be two texts.
    """

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; the form is read as late as the check of its token reads it."""
        return self.respond(request)

    def process_view(self, request: HttpRequest, *view: Any) -> None:
        """Put the changed form in the place of the sent one."""
        if request.method != "POST" or not any("\r" in text for texts in request.POST.lists() for text in texts[1]):
            return
        form = request.POST.copy()
        for name, texts in request.POST.lists():
            form.setlist(name, [text.replace("\r\n", "\n").replace("\r", "\n") for text in texts])
        form._mutable = False
        request.POST = form  # type: ignore[assignment]


# What stays open to somebody who has still to set up the second factor; all pages of `mfa_…` too.
OPEN_WITHOUT = frozenset({
    "second_factor", "account", "help", "live", "ready", "account_logout", "account_login", "account_reauthenticate",
    "account_change_password", "account_reset_password", "account_reset_password_done",
    "account_reset_password_from_key", "account_reset_password_from_key_done",
})  # fmt: skip
WANTED = "wanted"  # in the session: the page that is offered once the second factor is there


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
        return redirect("second_factor")
