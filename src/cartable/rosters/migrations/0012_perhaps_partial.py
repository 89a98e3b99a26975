from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('rosters', '0011_an_ine_names_one_student'),
    ]

    operations = [
        migrations.AddField(
            model_name='rosterimport',
            name='lists_everybody',
            field=models.BooleanField(db_default=True, default=True),
        ),
    ]
