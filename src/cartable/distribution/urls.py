"""Addresses of the distribution day."""

from django.urls import path

from cartable.distribution.api import contact, scans
from cartable.distribution.api import day as day_api
from cartable.distribution.views import calendar, closing, control_room, court, days, journals, printing, stations

app_name = "distribution"
_day = "journees/<int:day_id>/"
urlpatterns = [
    path("api/v2/day", day_api.day, name="api-day"),
    path("api/v2/contact", contact.contact, name="api-contact"),
    path("api/v2/scans", scans.upload_scans, name="api-scans"),
    path("api/v2/journal", scans.take_journal, name="api-journal"),
    path("api/v1/scans", scans.upload_scans_v1, name="api-v1-scans"),
    path("api/v1/day", day_api.day_v1, name="api-v1-day"),
    path("api/v1/day/changes", day_api.day_changes, name="api-v1-day-changes"),
    path("api/v1/station/workshop", day_api.switch_workshop, name="api-v1-station-workshop"),
    path("poste/", stations.start, name="station-start"),
    path("poste/<int:station_id>/attente/", stations.waiting, name="station-waiting"),
    path("poste/<int:station_id>/etat/", stations.waiting_state, name="station-state"),
    path("poste/atelier/", stations.station, name="station"),
    path("poste/hors-ligne.js", stations.worker, name="station-worker"),
    path("poste/manifeste.webmanifest", stations.manifest, name="station-manifest"),
    path("poste/entrainement/", stations.practice, name="station-practice"),
    path("poste/entrainement/day", stations.practice_day, name="station-practice-day"),
    path("journees/", days.day_list, name="day-list"),
    path("distribution/listes/", calendar.list_calendar_page, name="list-calendar"),
    path("journees/prevoir/", days.day_plan, name="day-plan"),
    path(_day, days.day_page, name="day"),
    path(f"{_day}figer/", days.day_freeze, name="day-freeze"),
    path(f"{_day}reprendre/", days.day_follow, name="day-follow"),
    path(f"{_day}ouvrir/", days.day_open, name="day-open"),
    path(f"{_day}eleves/", days.student_list, name="student-list"),
    path(f"{_day}eleves/ajouter/", days.walk_up, name="walk-up"),
    path(f"{_day}eleves/ajoute/<str:label_code>/", days.walk_up_added, name="walk-up-added"),
    path(f"{_day}eleves/<int:passage_id>/sans-charte/", days.override, name="override"),
    path(f"{_day}eleves/<int:passage_id>/annuler/", days.take_back, name="take-back"),
    path(f"{_day}etiquettes.pdf", printing.labels, name="labels"),
    path(f"{_day}etiquettes-rouleau.pdf", printing.labels_roll, name="labels-roll"),
    path(f"{_day}etiquettes-<int:dpi>.zpl", printing.labels_zpl, name="labels-zpl"),
    path(f"{_day}chartes.pdf", printing.charters, name="charters"),
    path(f"{_day}emargement.pdf", printing.sign_off, name="sign-off"),
    path(f"{_day}cartes.pdf", printing.command_card, name="command-card"),
    path(f"{_day}carte-du-site.pdf", printing.site_card, name="site-card"),
    path(f"{_day}essai.pdf", printing.practice_sheet, name="practice-sheet"),
    path(f"{_day}pilotage/", control_room.control_room, name="control-room"),
    path(f"{_day}mur/", control_room.wall, name="wall"),
    path(f"{_day}postes/<int:station_id>/accepter/", control_room.accept, name="station-accept"),
    path(f"{_day}postes/<int:station_id>/arreter/", control_room.revoke, name="station-revoke"),
    path(f"{_day}journal/", journals.journal, name="journal"),
    path(f"{_day}a-revoir/<uuid:scan_id>/", control_room.decide, name="review-decide"),
    path("litiges/", court.region_disputes, name="region-disputes"),
    path(f"{_day}litiges/", court.day_disputes, name="disputes"),
    path(f"{_day}litiges/<int:dispute_id>/", court.dispute_page, name="dispute"),
    path(f"{_day}eleves/<int:passage_id>/echange/", court.exchange, name="exchange"),
    path(f"{_day}cloture/", closing.closing_page, name="closing"),
    path(f"{_day}cloture/reste/", closing.leftover, name="leftover"),
    path(f"{_day}cloture/clore/", closing.close, name="close"),
    path(f"{_day}cloture/rapport.pdf", printing.report, name="report"),
]
