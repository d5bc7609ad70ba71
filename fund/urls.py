"""Addresses of the room."""

from django.urls import path

from . import views

urlpatterns = [
    path("calls/", views.CallList.as_view(), name="call_list"),
    path("calls/<slug:reference>/", views.CallDetail.as_view(), name="call_detail"),
]
