"""Addresses of incidents."""

from django.urls import path

from cartable.incidents.views import declare, doors, hot, incidents, photos

app_name = "incidents"
urlpatterns = [
    path("declarer/", declare.declare_page, name="declare"),
    path("declarer/faire/", declare.declare_do, name="declare-do"),
    path("incidents/", incidents.incident_list, name="incidents"),
    path("incidents/<uuid:incident_id>/", incidents.incident, name="incident"),
    path("incidents/<uuid:incident_id>/photos/", photos.photos_add, name="photos"),
    path("incidents/<uuid:incident_id>/plainte/", doors.complaint_take, name="complaint"),
    path("incidents/<uuid:incident_id>/recepisse/", incidents.receipt, name="receipt"),
    path("incidents/<uuid:incident_id>/attestation/", incidents.certificate, name="certificate"),
    path("incidents/<uuid:incident_id>/remplacer/", doors.replace_do, name="replace"),
    path("incidents/<uuid:incident_id>/preter/", doors.lend_do, name="lend"),
    path("incidents/<uuid:incident_id>/rachat/", doors.rebuy_do, name="rebuy"),
    path("incidents/<uuid:incident_id>/clore/", doors.close_do, name="close"),
    path("incidents/<uuid:incident_id>/retirer/", doors.withdraw_do, name="withdraw"),
    path("alerte/", hot.hot_page, name="hot"),
    path("alerte/retrouve/", hot.find_do, name="find"),
]
