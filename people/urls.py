"""Addresses of the room."""

from django.urls import path

from . import job_views, probes, register_views, views

urlpatterns = [
    path("inbox/", views.Inbox.as_view(), name="inbox"),
    path("inbox/<int:pk>/open/", views.OpenMessage.as_view(), name="open_message"),
    path("me/", views.Account.as_view(), name="account"),
    path("act/<str:label>/<int:pk>/<slug:name>/", views.Act.as_view(), name="act"),
    path("register/", register_views.CheckRegister.as_view(), name="register"),
    path("register/<uuid:pk>/import/", register_views.ImportRegister.as_view(), name="register_import"),
    path("jobs/<int:pk>/", job_views.JobProgress.as_view(), name="job"),
    path("files/<uuid:pk>/", job_views.OwnFile.as_view(), name="own_file"),
    path("health/live", probes.live, name="live"),
    path("health/ready", probes.ready, name="ready"),
]
