"""Addresses of the accounts."""

from django.urls import path

from cartable.accounts import views

app_name = "accounts"
urlpatterns = [
    path("connexion/", views.log_in, name="log-in"),
    path("deconnexion/", views.log_out, name="log-out"),
]
