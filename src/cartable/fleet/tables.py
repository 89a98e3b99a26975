"""The devices of a filter as a table that leaves: its header, and its rows one after the other."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from cartable.fleet.queries.lists import DeviceFilter, each_device


def device_table(wanted: DeviceFilter) -> tuple[list[str], Iterator[list[str]]]:
    """Return header and rows of the devices in scope that answer; a few thousand are held at once."""
    header = [
        _("Étiquette"), _("Numéro de série"), _("Modèle"), _("Lot"), _("Détenteur"), "UAI", _("Lycée"), _("État"),
    ]  # fmt: skip
    return header, (
        [row.asset_tag, row.serial_number, row.model, row.lot, row.custody, row.school_uai, row.school, row.condition]
        for row in each_device(wanted)
    )
