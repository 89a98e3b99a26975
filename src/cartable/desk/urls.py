"""Addresses of the pages that need all packages."""

from django.urls import path

from cartable.desk.views import bulk, closings, departures, directory, exports, home, lists, schools, search, to_do

app_name = "desk"
urlpatterns = [
    path("", home.home, name="home"),
    path("a-traiter/", to_do.to_do, name="to-do"),
    path("recherche/", search.search, name="search"),
    path("scanner/", search.scanner, name="scanner"),
    path("lycees/", schools.school_list, name="schools"),
    path("lycees/<uai:uai>/", schools.school, name="school"),
    path("lycees/<uai:uai>/fermer/", closings.school_closing, name="school-closing"),
    path("lycees/<uai:uai>/changer-de-numero/", closings.school_number, name="school-number"),
    path("lycees/<uai:uai>/eleves/", lists.school_students, name="school-students"),
    path("lycees/<uai:uai>/eleves.csv", lists.school_students_csv, name="school-students-csv"),
    path("eleves/<code:label_code>/quitter-la-region/", departures.student_leaves, name="student-leaves"),
    path("eleves/<code:label_code>/changer-de-lycee/", departures.student_moves, name="student-moves"),
    path("lycees/<uai:uai>/eleves.xlsx", exports.school_students_xlsx, name="school-students-xlsx"),
    path("eleves.csv", lists.students_csv, name="students-csv"),
    path("eleves.xlsx", exports.students_xlsx, name="students-xlsx"),
    path("pc/actions/", bulk.devices, name="bulk-devices"),
    path("lycees/<uai:uai>/eleves/actions/", bulk.students, name="bulk-students"),
    path("actions/<uuid:act_id>/", bulk.act, name="bulk"),
    path("actions/<uuid:act_id>/faire/", bulk.confirm, name="bulk-confirm"),
    path("actions/<uuid:act_id>/lignes.csv", bulk.lines_csv, name="bulk-lines"),
    path("actions/<uuid:act_id>/etiquettes.pdf", bulk.labels, name="bulk-labels"),
    path("exports/<uuid:export_id>/", exports.export, name="export"),
    path("exports/<uuid:export_id>/fichier/", exports.export_file, name="export-file"),
    path("lycees/annuaire/", directory.directory_new, name="directory-new"),
    path("lycees/annuaire/<int:pk>/", directory.directory, name="directory"),
    path("lycees/annuaire/<int:pk>/appliquer/", directory.directory_apply, name="directory-apply"),
]
