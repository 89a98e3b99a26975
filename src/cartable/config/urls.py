"""Every package's addresses."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("cartable.accounts.urls")),
    path("", include("cartable.distribution.urls")),
    path("", include("cartable.desk.urls")),
    path("langue/", set_language, name="set_language"),
]
