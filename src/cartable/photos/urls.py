"""Addresses of photos."""

from django.urls import path

from cartable.photos import views

app_name = "photos"
urlpatterns = [
    path("photos/<uuid:photo_id>/", views.photo, name="photo"),
    path("photos/<uuid:photo_id>/effacer/", views.erase, name="erase"),
    path("photos/mouvement/<uuid:movement_id>/", views.add, name="add"),
]
