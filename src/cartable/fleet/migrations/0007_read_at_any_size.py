"""What pages read in a park of a million PCs: all that a student ever held, and PCs by pallet or carton."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("fleet", "0006_serial_changes")]

    operations = [
        migrations.AddIndex(
            model_name="movement",
            index=models.Index(
                fields=["to_custodian"], condition=Q(to_kind="student"), name="movement_into_students"
            ),
        ),
        migrations.AddIndex(
            model_name="device",
            index=models.Index(fields=["pallet"], condition=~Q(pallet=""), name="device_by_pallet"),
        ),
        migrations.AddIndex(
            model_name="device",
            index=models.Index(fields=["carton"], condition=~Q(carton=""), name="device_by_carton"),
        ),
    ]
