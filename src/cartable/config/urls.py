"""Every package's addresses."""

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from cartable.config import converters

converters.register()  # Before any include: the packages' urls use them.

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("cartable.accounts.urls")),
    path("", include("cartable.programme.urls")),
    path("", include("cartable.notices.urls")),
    path("", include("cartable.desk.fleet_urls")),
    path("", include("cartable.photos.urls")),
    path("", include("cartable.supply.urls")),
    path("", include("cartable.desk.roster_urls")),
    path("", include("cartable.distribution.urls")),
    path("", include("cartable.emergency_stock.urls")),
    path("", include("cartable.incidents.urls")),
    path("", include("cartable.repairs.urls")),
    path("", include("cartable.returns.urls")),
    path("", include("cartable.desk.urls")),
    path("langue/", login_not_required(set_language), name="set_language"),
]
