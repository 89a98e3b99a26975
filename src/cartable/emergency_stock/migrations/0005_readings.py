import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('emergency_stock', '0004_the_state_at_hand_over'),
        ('organisations', '0002_school_directory'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReserveReading',
            fields=[
                ('school', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, serialize=False, to='organisations.school')),
                ('read_at', models.DateTimeField()),
                ('low_by', models.IntegerField()),
                ('absent_count', models.IntegerField()),
                ('absent_since', models.DateField(null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('low_by__gte', 0), ('absent_count__gte', 0)), name='a_reading_counts_from_zero'), models.CheckConstraint(condition=models.Q(models.Q(('absent_count', 0), ('absent_since', None)), models.Q(('absent_count__gt', 0), ('absent_since__isnull', False)), _connector='OR'), name='a_reading_says_since_when_somebody_waits')],
            },
        ),
    ]
