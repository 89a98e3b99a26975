"""What an address may hold: the form of a UAI or of a label code, checked before any view runs."""

from django.urls import register_converter
from django.urls.converters import StringConverter

from cartable.kernel.codes import DEVICE_LETTER, parse_label_code
from cartable.kernel.uai import is_valid_uai


class UaiConverter:
    """A school number whose check letter is right: ``<uai:uai>``."""

    regex = "[0-9]{7}[A-Z]"

    def to_python(self, value: str) -> str:
        """Return the UAI; ValueError (404) for a wrong letter."""
        if not is_valid_uai(value):
            raise ValueError
        return value

    def to_url(self, value: str) -> str:
        """Return the UAI as it stands."""
        return value


class LabelCodeConverter:
    """A label code of any kind: ``<code:code>``."""

    regex = "[A-Z][0-9]{10}"

    def to_python(self, value: str) -> str:
        """Return the code; ValueError (404) where its check digits do not agree."""
        return str(parse_label_code(value))

    def to_url(self, value: str) -> str:
        """Return the code as it stands."""
        return value


class AssetTagConverter(LabelCodeConverter):
    """The label code of a PC: ``<asset_tag:asset_tag>``."""

    regex = DEVICE_LETTER + "[0-9]{10}"


class ExportConverter(StringConverter):
    """The form of a table to take away: ``<export:form>``."""

    regex = "csv|xlsx"


def register() -> None:
    """Make the converters known to every package's urls."""
    register_converter(UaiConverter, "uai")
    register_converter(LabelCodeConverter, "code")
    register_converter(AssetTagConverter, "asset_tag")
    register_converter(ExportConverter, "export")
