"""Addresses of the lists."""

from django.urls import path

from cartable.rosters import views

app_name = "rosters"
urlpatterns = [
    path("listes/", views.roster_schools, name="schools"),
    path("listes/<str:uai>/", views.roster, name="roster"),
    path("listes/import/<uuid:import_id>/", views.import_page, name="import"),
    path("listes/import/<uuid:import_id>/appliquer/", views.import_apply, name="import-apply"),
    path("listes/import/<uuid:import_id>/abandonner/", views.import_abandon, name="import-abandon"),
]
