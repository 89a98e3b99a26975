"""Addresses of the reserve."""

from django.urls import path

from cartable.emergency_stock.views import counting, desk, rebalancing, reserves, top_ups

app_name = "emergency_stock"
urlpatterns = [
    path("reserve/", reserves.reserve_list, name="reserves"),
    path("reserve/<uai:uai>/", reserves.reserve, name="reserve"),
    path("reserve/<uai:uai>/compter/", counting.count, name="count"),
    path("reserve/<uai:uai>/demander/", top_ups.ask, name="top-up-ask"),
    path("reserve/reassorts/", top_ups.top_up_list, name="top-ups"),
    path("reserve/reassorts/tous/", top_ups.grant_all, name="top-ups-grant"),
    path("reserve/reassorts/<uuid:top_up_id>/", top_ups.top_up, name="top-up"),
    path("reserve/reassorts/<uuid:top_up_id>/accorder/", top_ups.grant, name="top-up-grant"),
    path("reserve/reassorts/<uuid:top_up_id>/refuser/", top_ups.refuse, name="top-up-refuse"),
    path("reserve/reequilibrage/", rebalancing.proposal_list, name="rebalancing"),
    path("reserve/reequilibrage/faire/", rebalancing.rebalance_do, name="rebalance-do"),
    path("reserve/remises/<uuid:movement_id>/annuler/", reserves.undo, name="undo"),
    path("remettre/", desk.hand_over, name="hand-over"),
    path("remettre/faire/", desk.hand_over_do, name="hand-over-do"),
]
