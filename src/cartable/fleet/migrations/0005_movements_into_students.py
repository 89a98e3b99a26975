from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("fleet", "0004_movements_known_by_one_text"), ("accounts", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="movement",
            index=models.Index(
                fields=["to_custodian"], condition=Q(to_kind="student"), name="movement_into_students"
            ),
        ),
    ]
