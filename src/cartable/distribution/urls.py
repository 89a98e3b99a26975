"""Addresses of the distribution day."""

from django.urls import path

from cartable.distribution import api

app_name = "distribution"
urlpatterns = [
    path("api/v1/scans", api.upload_scans, name="api-scans"),
    path("api/v1/day", api.day, name="api-day"),
    path("api/v1/day/changes", api.day_changes, name="api-day-changes"),
]
