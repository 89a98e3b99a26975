"""Addresses of the park, with its list, the page of one PC and the list as a workbook.

Packages upstream link to ``fleet:devices`` and ``fleet:device`` and may not name `desk`, where these stand: they are
hung here into the namespace of `fleet`, and `config/urls.py` includes this module in place of `fleet`'s own.
"""

from django.urls import path

from cartable.desk.views import devices, exports, lists
from cartable.fleet import urls

app_name = urls.app_name
urlpatterns = [
    *urls.urlpatterns,
    path("pc/", lists.devices, name="devices"),
    path("pc.xlsx", exports.devices_xlsx, name="devices-xlsx"),
    path("pc/<asset_tag:asset_tag>/", devices.device, name="device"),
]
