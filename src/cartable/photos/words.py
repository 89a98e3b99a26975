"""What photos say to people: why a file is not kept, and what to do."""

from django.utils.translation import gettext_lazy as _

from cartable.photos.rules import LARGEST_SENT_BYTES, MOST_PER_ACT, PhotoFault

FAULTS = {
    PhotoFault.EMPTY: _("le fichier est vide. Reprenez la photo."),
    PhotoFault.TOO_HEAVY: _("elle dépasse %(megabytes)s Mo. Envoyez-la en taille réduite."),
    PhotoFault.HEIC: _(
        "elle est au format HEIC, que tous les écrans ne lisent pas. Sur l’iPhone : Réglages, Appareil photo, Formats,"
        " « Le plus compatible » ; puis reprenez la photo."
    ),
    PhotoFault.NO_PHOTO: _("ce fichier n’est pas une photo. Envoyez une image JPEG ou PNG."),
    PhotoFault.SPOILT: _("la photo est abîmée ou incomplète. Reprenez-la, ou envoyez-la de nouveau."),
    PhotoFault.TOO_MANY_PIXELS: _("elle a trop de pixels. Envoyez-la en taille réduite."),
    PhotoFault.TOO_MANY: _("%(count)s photos au plus pour un même geste."),
}


def fault_in_words(fault: PhotoFault) -> str:
    """Say why a file is not kept and what to do."""
    return str(FAULTS[fault]) % {"megabytes": LARGEST_SENT_BYTES // (1024 * 1024), "count": MOST_PER_ACT}
