"""All addresses, one include per room."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

# Django's own sign-in knows neither the second factor nor the limits; there is one door.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", include("evaluation.urls")),  # before the room whose `section` takes any last word
    path("", include("incentives.urls")),
    path("", include("reports.urls")),
    path("", include("people.urls")),
    path("", include("fund.urls")),
    path("", include("proposals.urls")),
    # Addresses come from the register; allauth's page would let people add others.
    path("account/email/", RedirectView.as_view(pattern_name="account"), name="account_email"),
    path("account/", include("allauth.account.urls")),
    path("account/second-factor/", include("allauth.mfa.urls")),
    path("admin/", admin.site.urls),
]
handler400 = "reports.errors.bad_request"
handler403 = "reports.errors.forbidden"
handler404 = "reports.errors.not_found"
handler500 = "reports.errors.server_error"
