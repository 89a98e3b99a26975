"""Addresses of the reserve."""

from django.urls import path

from cartable.emergency_stock.views import desk, reserves

app_name = "emergency_stock"
urlpatterns = [
    path("reserve/", reserves.reserve_list, name="reserves"),
    path("reserve/<uai:uai>/", reserves.reserve, name="reserve"),
    path("reserve/remises/<uuid:movement_id>/annuler/", reserves.undo, name="undo"),
    path("remettre/", desk.hand_over, name="hand-over"),
    path("remettre/faire/", desk.hand_over_do, name="hand-over-do"),
]
