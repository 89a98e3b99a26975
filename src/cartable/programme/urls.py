"""Addresses of the programme."""

from django.urls import path

from cartable.programme import views

app_name = "programme"
urlpatterns = [
    path("programme/", views.campaign_list, name="campaigns"),
    path("programme/ouvrir/", views.campaign_new, name="campaign-new"),
    path("programme/<int:first_year>/", views.campaign, name="campaign"),
    path("programme/<int:first_year>/vague/", views.wave, name="wave"),
    path("programme/<int:first_year>/regles/", views.rules_new, name="rules-new"),
    path("programme/<int:first_year>/regles/publier/", views.rules_publish, name="rules-publish"),
]
