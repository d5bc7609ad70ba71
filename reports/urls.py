"""Addresses of the room."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("help/", views.Help.as_view(), name="help"),
]
