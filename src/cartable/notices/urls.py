"""Addresses of the notices."""

from django.urls import path

from cartable.notices import views

app_name = "notices"
urlpatterns = [path("courriels/stop/<str:token>/", views.stop, name="stop")]
