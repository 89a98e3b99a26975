from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('rosters', '0014_departures'),
    ]

    operations = [
        migrations.AddField(
            model_name='guardian',
            name='accepts_sms',
            field=models.BooleanField(db_default=False),
        ),
        migrations.AddField(
            model_name='guardianline',
            name='accepts_sms',
            field=models.BooleanField(db_default=False),
        ),
    ]
