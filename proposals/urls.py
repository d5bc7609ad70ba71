"""Addresses of the room."""

from django.urls import path

from . import views

urlpatterns = [
    path("calls/<slug:reference>/start/", views.Start.as_view(), name="proposal_start"),
    path("proposals/", views.ProposalList.as_view(), name="proposal_list"),
    path("proposals/<uuid:case>/", views.ProposalDetail.as_view(), name="proposal_detail"),
    path("proposals/<uuid:case>/team/", views.Team.as_view(), name="proposal_team"),
    path("proposals/<uuid:case>/join/", views.Join.as_view(), name="proposal_join"),
    path("proposals/<uuid:case>/leave/", views.Leave.as_view(), name="proposal_leave"),
    path("proposals/<uuid:case>/<slug:key>/", views.EditSection.as_view(), name="section"),
]
