"""Addresses of the lists, with the page of one student: ``rosters:student``, as `fleet_urls` does it for a PC."""

from django.urls import path

from cartable.desk.views import students
from cartable.rosters import urls

app_name = urls.app_name
urlpatterns = [*urls.urlpatterns, path("eleves/<code:label_code>/", students.student, name="student")]
