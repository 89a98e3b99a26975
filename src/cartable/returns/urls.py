"""Addresses of returns."""

from django.urls import path

from cartable.returns.views import classes, desk

app_name = "returns"
urlpatterns = [
    path("restituer/", desk.desk, name="desk"),
    path("restituer/faire/", desk.take, name="take"),
    path("restituer/classes/", classes.school_choice, name="classes"),
    path("restituer/classes/<uai:uai>/", classes.classes, name="school-classes"),
    path("restituer/classes/<uai:uai>/serie/", classes.series, name="series"),
    path("restituer/<uuid:check_in_id>/annuler/", desk.undo, name="undo"),
    path("restituer/<uuid:check_in_id>/quitus/", desk.quitus, name="quitus"),
]
