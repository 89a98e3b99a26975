"""The road from an address to a device. Unknown and out of scope look the same: 404."""

from django.http import Http404

from cartable.fleet.models import Device


def device_of(asset_tag: str) -> Device:
    """Return the device of this tag, with what its page shows loaded with it."""
    loaded = Device.objects.select_related("device_model", "lot", "custodian__school")
    # A worn tag that was replaced is still on papers, and in bookmarks.
    device = loaded.filter(asset_tag=asset_tag).first() or loaded.filter(tag_changes__old_tag=asset_tag).first()
    if device is None:
        raise Http404
    return device
