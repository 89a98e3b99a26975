from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notices', '0002_texts_by_version_and_more_kinds'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(models.F('address_fingerprint'), models.F('queued_at'), name='notice_by_address'),
        ),
    ]
