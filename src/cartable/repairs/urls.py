"""Addresses of repairs."""

from django.urls import path

from cartable.repairs.views import desk, region, series, tickets, workshop

app_name = "repairs"
urlpatterns = [
    path("reparer/", desk.repair, name="repair"),
    path("reparer/faire/", desk.repair_do, name="repair-do"),
    path("reparations/", tickets.ticket_list, name="tickets"),
    path("reparations/envoyer/", series.send, name="send"),
    path("reparations/recevoir/", series.take_back, name="take-back"),
    path("reparations/rendre/", tickets.settle, name="settle"),
    path("reparations/decisions/", region.decisions, name="decisions"),
    path("reparations/devis/<uuid:quote_id>/", region.decide, name="decide"),
    path("reparations/conditions/", region.contracts, name="contracts"),
    path("reparations/rappels/", region.recall, name="recall"),
    path("reparations/dossier/<uuid:ticket_id>/", tickets.ticket, name="ticket"),
    path("reparations/dossier/<uuid:ticket_id>/photos/", tickets.photos_add, name="photos"),
    path("reparations/dossier/<uuid:ticket_id>/annuler/", tickets.cancel, name="cancel"),
    path("reparations/dossier/<uuid:ticket_id>/rendre/", tickets.settle_do, name="settle-do"),
    path("reparations/dossier/<uuid:ticket_id>/eliminer/", region.give_up, name="give-up"),
    path("sav/", workshop.workshop, name="workshop"),
    path("sav/recevoir/", series.receive, name="workshop-receive"),
    path("sav/renvoyer/", series.send_back, name="workshop-send-back"),
    path("sav/releve/", workshop.month, name="statement"),
    path("sav/releve/csv/", workshop.month_csv, name="statement-csv"),
    path("sav/dossier/<uuid:ticket_id>/", workshop.workshop_ticket, name="workshop-ticket"),
    path("sav/dossier/<uuid:ticket_id>/photos/<uuid:photo_id>/", workshop.photo, name="workshop-photo"),
    path("sav/dossier/<uuid:ticket_id>/diagnostic/", workshop.diagnose, name="diagnose"),
    path("sav/dossier/<uuid:ticket_id>/devis/", workshop.send_quote, name="quote"),
    path("sav/dossier/<uuid:ticket_id>/resultat/", workshop.finish, name="finish"),
]
