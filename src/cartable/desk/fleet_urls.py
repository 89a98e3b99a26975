"""Addresses of the park, with the page of one PC.

Packages upstream link to ``fleet:device`` and may not name `desk`, where that page stands: it is hung here into the
namespace of `fleet`, and `config/urls.py` includes this module in place of `fleet`'s own.
"""

from django.urls import path

from cartable.desk.views import devices
from cartable.fleet import urls

app_name = urls.app_name
urlpatterns = [*urls.urlpatterns, path("pc/<asset_tag:asset_tag>/", devices.device, name="device")]
