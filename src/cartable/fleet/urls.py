"""Addresses of the park; `desk` adds `fleet:devices`, the list, and `fleet:device`, the page of one (`fleet_urls.py`)."""

from django.urls import path

from cartable.fleet import views

app_name = "fleet"
urlpatterns = [
    path("pc.csv", views.device_list_csv, name="devices-csv"),
]
