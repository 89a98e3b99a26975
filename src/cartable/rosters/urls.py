"""Addresses of the lists; `desk` adds `rosters:student`, the page of one student (`roster_urls.py`)."""

from django.urls import path

from cartable.rosters.views import (
    batches,
    differences,
    lists,
    needs,
    problems,
    review,
    rulings,
    students,
    tables,
    takeover_lines,
    takeovers,
)

app_name = "rosters"
_takeover = "reprises/<uuid:takeover_id>/"
urlpatterns = [
    path("listes/", lists.roster_schools, name="schools"),
    path("listes/region/", batches.region_lists, name="region"),
    path("listes/region/<uuid:batch_id>/", batches.batch, name="batch"),
    path("listes/region/<uuid:batch_id>/appliquer/", batches.batch_apply, name="batch-apply"),
    path("listes/region/<uuid:batch_id>/difference.csv", differences.batch_export, name="batch-export"),
    path("listes/region/fichier/<uuid:file_id>/ecarter/", batches.file_settle, name="file-settle"),
    path("listes/fichier/<uuid:file_id>/colonnes/", tables.file_columns, name="file-columns"),
    path("listes/examen/", review.review_all, name="review-all"),
    path("listes/examen/<int:line_id>/", review.review_rule, name="review-rule"),
    path("listes/decisions/<uuid:decision_id>/annuler/", rulings.ruling_undo, name="ruling-undo"),
    path("listes/signalement/<int:problem_id>/regler/", problems.problem_settle, name="problem-settle"),
    path("listes/besoins/", needs.needs, name="needs"),
    path("listes/besoins.csv", needs.needs_csv, name="needs-csv"),
    path("listes/besoins.xlsx", needs.needs_xlsx, name="needs-xlsx"),
    path("listes/besoins/<str:uai>/", needs.needs_of_school, name="needs-school"),
    path("listes/<str:uai>/", lists.roster, name="roster"),
    path("listes/import/<uuid:import_id>/", differences.import_page, name="import"),
    path("listes/import/<uuid:import_id>/difference.<export:form>", differences.import_export, name="import-export"),
    path("listes/import/<uuid:import_id>/examen/", review.review_import, name="review"),
    path("listes/import/<uuid:import_id>/decisions/", rulings.rulings, name="rulings"),
    path("listes/import/<uuid:import_id>/appliquer/", lists.import_apply, name="import-apply"),
    path("listes/import/<uuid:import_id>/abandonner/", lists.import_abandon, name="import-abandon"),
    path("eleves/<code:label_code>/reunir/", students.merge_search, name="merge"),
    path("eleves/<code:label_code>/reunir/<code:other_code>/", students.merge_preview, name="merge-preview"),
    path("eleves/reunions/<uuid:merge_id>/annuler/", students.merge_undo, name="merge-undo"),
    path("reprises/", takeovers.takeover_list, name="takeovers"),
    path("reprises/nouvelle/", takeovers.takeover_new, name="takeover-new"),
    path(_takeover, takeovers.takeover, name="takeover"),
    path(f"{_takeover}colonnes/", takeovers.takeover_columns, name="takeover-columns"),
    path(f"{_takeover}ouvrir/", takeovers.takeover_open, name="takeover-open"),
    path(f"{_takeover}verifier/", takeovers.takeover_check, name="takeover-check"),
    path(f"{_takeover}etat/", takeovers.takeover_state, name="takeover-state"),
    path(f"{_takeover}comptes.csv", takeovers.takeover_counts_csv, name="takeover-counts-csv"),
    path(f"{_takeover}lignes.csv", takeover_lines.takeover_lines_csv, name="takeover-lines-csv"),
    path(f"{_takeover}ecarter/", takeover_lines.takeover_lines_drop, name="takeover-lines-drop"),
    path(f"{_takeover}lignes/<int:line>/", takeover_lines.takeover_line, name="takeover-line"),
    path(f"{_takeover}lignes/<int:line>/ecarter/", takeover_lines.takeover_line_drop, name="takeover-line-drop"),
]
