"""Addresses of the notices."""

from django.urls import path

from cartable.notices import views

app_name = "notices"
urlpatterns = [
    path("courriels/stop/<str:token>/", views.stop, name="stop"),
    path("s/<slug:code>/", views.stop_short, name="stop-short"),
    path("messages/", views.text_campaigns, name="text-campaigns"),
    path("messages/<int:first_year>/", views.texts, name="texts"),
    path("messages/<int:first_year>/<slug:kind>/<slug:language>/", views.text, name="text"),
    path("messages/<int:first_year>/<slug:kind>/<slug:language>/maison/", views.text_of_house, name="text-of-house"),
]
