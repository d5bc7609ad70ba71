"""Addresses of the room."""

from django.urls import path

from . import delegate_views, job_views, probes, register_views, role_views, views

urlpatterns = [
    path("inbox/", views.Inbox.as_view(), name="inbox"),
    path("inbox/<int:pk>/open/", views.OpenMessage.as_view(), name="open_message"),
    path("me/", views.Account.as_view(), name="account"),
    path("me/second-factor/", views.SecondFactor.as_view(), name="second_factor"),
    path("me/delegates/", delegate_views.Delegates.as_view(), name="delegates"),
    path("me/delegates/<int:pk>/end/", delegate_views.EndDelegate.as_view(), name="delegate_end"),
    path("act/<str:label>/<int:pk>/<slug:name>/", views.Act.as_view(), name="act"),
    path("roles/", role_views.RoleList.as_view(), name="role_list"),
    path("roles/grant/", role_views.AddGrant.as_view(), name="role_grant"),
    path("roles/<int:pk>/end/", role_views.EndGrant.as_view(), name="role_end"),
    path("register/", register_views.CheckRegister.as_view(), name="register"),
    path("register/<uuid:pk>/", register_views.RegisterFile.as_view(), name="register_file"),
    path("register/<uuid:pk>/import/", register_views.ImportRegister.as_view(), name="register_import"),
    path("jobs/<int:pk>/", job_views.JobProgress.as_view(), name="job"),
    path("files/<uuid:pk>/", job_views.OwnFile.as_view(), name="own_file"),
    path("health/live", probes.live, name="live"),
    path("health/ready", probes.ready, name="ready"),
]
