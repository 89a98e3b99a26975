"""What the audit asks of photos: each kept picture has its row, and is of the PC that its movement moved."""

from django.utils.translation import gettext_lazy as _

from cartable.fleet.audit import Check

CHECKS = (
    Check(
        "I25",
        "a_picture_has_its_photo",
        _("Chaque image de PC conservée a sa ligne, avec le même lycée, et chaque ligne a une image de PC."),
        """
        SELECT 'file ' || file.id FROM documents_storedfile file
        LEFT JOIN photos_conditionphoto photo ON photo.file_id = file.id
        WHERE file.file_class IN ('state', 'state_handed') AND photo.school_id IS DISTINCT FROM file.school_id
        UNION ALL
        SELECT 'photo ' || photo.id FROM photos_conditionphoto photo
        JOIN documents_storedfile file ON file.id = photo.file_id
        WHERE file.file_class <> CASE photo.act WHEN 'hand_over' THEN 'state_handed' ELSE 'state' END
        """,
    ),
    Check(
        "I25",
        "a_photo_is_of_the_pc_that_moved",
        _("La photo d’une remise ou d’une restitution est celle du PC de ce mouvement."),
        """
        SELECT 'photo ' || photo.id FROM photos_conditionphoto photo
        JOIN fleet_movement movement ON movement.id = photo.movement_id
        WHERE movement.device_id <> photo.device_id
           OR movement.reason NOT IN ('check_out', 'loan', 'check_in')
           OR (movement.reason = 'check_in') <> (photo.act = 'check_in')
        """,
    ),
)
