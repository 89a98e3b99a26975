"""Addresses of the programme."""

from django.urls import path

from cartable.programme import views

app_name = "programme"
urlpatterns = [
    path("programme/", views.campaign_list, name="campaigns"),
    path("programme/<int:first_year>/", views.campaign, name="campaign"),
]
