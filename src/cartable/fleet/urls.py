"""Addresses of the park."""

from django.urls import path

from cartable.fleet import views

app_name = "fleet"
urlpatterns = [
    path("pc/", views.device_list, name="devices"),
    path("pc/<asset_tag:asset_tag>/", views.device, name="device"),
]
