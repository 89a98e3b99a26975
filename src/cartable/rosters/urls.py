"""Addresses of the lists."""

from django.urls import path

from cartable.rosters.views import batches, lists, needs

app_name = "rosters"
urlpatterns = [
    path("listes/", lists.roster_schools, name="schools"),
    path("listes/region/", batches.region_lists, name="region"),
    path("listes/region/<uuid:batch_id>/", batches.batch, name="batch"),
    path("listes/region/<uuid:batch_id>/appliquer/", batches.batch_apply, name="batch-apply"),
    path("listes/region/fichier/<uuid:file_id>/ecarter/", batches.file_settle, name="file-settle"),
    path("listes/besoins/", needs.needs, name="needs"),
    path("listes/besoins.csv", needs.needs_csv, name="needs-csv"),
    path("listes/besoins.xlsx", needs.needs_xlsx, name="needs-xlsx"),
    path("listes/besoins/<str:uai>/", needs.needs_of_school, name="needs-school"),
    path("listes/<str:uai>/", lists.roster, name="roster"),
    path("listes/import/<uuid:import_id>/", lists.import_page, name="import"),
    path("listes/import/<uuid:import_id>/appliquer/", lists.import_apply, name="import-apply"),
    path("listes/import/<uuid:import_id>/abandonner/", lists.import_abandon, name="import-abandon"),
]
