"""The room of photos."""

from django.apps import AppConfig


class PhotosConfig(AppConfig):
    """Photos of the state in which a PC was, at the acts that it went through."""

    name = "cartable.photos"
