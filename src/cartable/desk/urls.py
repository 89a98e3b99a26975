"""Addresses of the pages that need all packages."""

from django.urls import path

from cartable.desk.views import directory, home, schools, search

app_name = "desk"
urlpatterns = [
    path("", home.home, name="home"),
    path("recherche/", search.search, name="search"),
    path("lycees/", schools.school_list, name="schools"),
    path("lycees/<uai:uai>/", schools.school, name="school"),
    path("lycees/annuaire/", directory.directory_new, name="directory-new"),
    path("lycees/annuaire/<int:pk>/", directory.directory, name="directory"),
    path("lycees/annuaire/<int:pk>/appliquer/", directory.directory_apply, name="directory-apply"),
]
