"""Addresses of the lists."""

from django.urls import path

from cartable.rosters.views import batches, lists, tables

app_name = "rosters"
urlpatterns = [
    path("listes/", lists.roster_schools, name="schools"),
    path("listes/region/", batches.region_lists, name="region"),
    path("listes/region/<uuid:batch_id>/", batches.batch, name="batch"),
    path("listes/region/<uuid:batch_id>/appliquer/", batches.batch_apply, name="batch-apply"),
    path("listes/region/fichier/<uuid:file_id>/ecarter/", batches.file_settle, name="file-settle"),
    path("listes/fichier/<uuid:file_id>/colonnes/", tables.file_columns, name="file-columns"),
    path("listes/<str:uai>/", lists.roster, name="roster"),
    path("listes/import/<uuid:import_id>/", lists.import_page, name="import"),
    path("listes/import/<uuid:import_id>/difference.csv", tables.import_export, name="import-export"),
    path("listes/import/<uuid:import_id>/appliquer/", lists.import_apply, name="import-apply"),
    path("listes/import/<uuid:import_id>/abandonner/", lists.import_abandon, name="import-abandon"),
]
