"""Addresses of the pages that need all packages."""

from django.urls import URLPattern

app_name = "desk"
urlpatterns: list[URLPattern] = []
