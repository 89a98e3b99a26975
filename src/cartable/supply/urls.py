"""Addresses of supply."""

from django.urls import path

from cartable.supply.views import allotments, deliveries, notes, receipts, transfers

app_name = "supply"
_delivery = "livraisons/<int:pk>/"
urlpatterns = [
    path("livraisons/", deliveries.delivery_list, name="deliveries"),
    path("livraisons/nouvelle/", notes.note_new, name="note-new"),
    path("livraisons/bon/<int:pk>/", notes.note, name="note"),
    path("livraisons/bon/<int:pk>/colonnes/", notes.note_columns, name="note-columns"),
    path("livraisons/bon/<int:pk>/recevoir/", notes.note_receive, name="note-receive"),
    path("livraisons/bon/<int:pk>/etat/", notes.note_state, name="note-state"),
    path(_delivery, deliveries.delivery, name="delivery"),
    path(f"{_delivery}lignes-refusees.csv", deliveries.refused_lines_csv, name="refused-lines-csv"),
    path(f"{_delivery}ecarter/", deliveries.refused_lines_drop, name="refused-lines-drop"),
    path(f"{_delivery}lignes/<int:line>/", deliveries.refused_line, name="refused-line"),
    path(f"{_delivery}lignes/<int:line>/ecarter/", deliveries.refused_line_drop, name="refused-line-drop"),
    path("affectations/", allotments.allotment_list, name="allotments"),
    path("affectations/nouvelle/", allotments.allotment_new, name="allotment-new"),
    path("affectations/verifier/", allotments.allotment_check, name="allotment-check"),
    path("affectations/faire/", allotments.allotment_make, name="allotment-make"),
    path("affectations/<uuid:pk>/", allotments.allotment, name="allotment"),
    path("transferts/", transfers.shipment_list, name="shipments"),
    path("transferts/nouveau/", transfers.transfer_new, name="transfer-new"),
    path("transferts/<uuid:shipment_id>/", receipts.shipment, name="shipment"),
    path("transferts/<uuid:shipment_id>/recevoir/", receipts.receive, name="shipment-receive"),
    path("transferts/<uuid:shipment_id>/clore/", receipts.close, name="shipment-close"),
    path("transferts/<uuid:shipment_id>/annuler/", receipts.recall, name="shipment-recall"),
    path("transferts/<uuid:shipment_id>/ecarts/<int:line>/", receipts.settle, name="shipment-settle"),
]
