"""The one address that the templates of `ui` name."""

from django.urls import path
from django.views.i18n import set_language

urlpatterns = [path("langue/", set_language, name="set_language")]
