"""Addresses of the park; `desk` adds `fleet:device`, the page of one device (`fleet_urls.py`)."""

from django.urls import path

from cartable.fleet import views

app_name = "fleet"
urlpatterns = [
    path("pc/", views.device_list, name="devices"),
    path("pc.csv", views.device_list_csv, name="devices-csv"),
]
