"""Addresses of returns."""

from django.urls import path

from cartable.returns.views import bench, classes, damages, desk, tags, write_offs

app_name = "returns"
urlpatterns = [
    path("restituer/", desk.desk, name="desk"),
    path("restituer/faire/", desk.take, name="take"),
    path("restituer/pieces/", damages.damages, name="damages"),
    path("restituer/classes/", classes.school_choice, name="classes"),
    path("restituer/classes/<uai:uai>/", classes.classes, name="school-classes"),
    path("restituer/classes/<uai:uai>/serie/", classes.series, name="series"),
    path("restituer/partis/<uai:uai>/", desk.leavers, name="leavers"),
    path("restituer/<uuid:check_in_id>/annuler/", desk.undo, name="undo"),
    path("restituer/<uuid:check_in_id>/quitus/", desk.quitus, name="quitus"),
    path("atelier/", bench.benches, name="benches"),
    path("atelier/certificats/<uuid:arrival_id>/", bench.certificate, name="certificate"),
    path("atelier/effacements/<uuid:arrival_id>/annuler/", bench.undo, name="bench-undo"),
    path("atelier/sorties/<uuid:slip_id>/", write_offs.slip, name="slip"),
    path("atelier/sorties/<uuid:slip_id>/bordereau/", write_offs.paper, name="slip-paper"),
    path("atelier/sorties/pc/<uuid:write_off_id>/annuler/", write_offs.undo, name="write-off-undo"),
    path("atelier/etiquette/", tags.tag, name="tag"),
    path("atelier/etiquette/<asset_tag:asset_tag>/", tags.tag_paper, name="tag-paper"),
    path("atelier/<uai:uai>/", bench.bench, name="bench"),
    path("atelier/<uai:uai>/faire/", bench.work, name="bench-work"),
    path("atelier/<uai:uai>/serie/", bench.bench_series, name="bench-series"),
    path("atelier/<uai:uai>/sorties/", write_offs.slips, name="slips"),
]
