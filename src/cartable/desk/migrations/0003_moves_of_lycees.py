import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_places_of_roles'),
        ('desk', '0002_bulk_acts'),
        ('organisations', '0003_moves_of_lycees'),
    ]

    operations = [
        migrations.CreateModel(
            name='SchoolClosing',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('closed_on', models.DateField()),
                ('decided_at', models.DateTimeField()),
                ('fingerprint', models.CharField(help_text='Of the preview that was confirmed.', max_length=64)),
                ('counts', models.JSONField()),
                ('shipment_ids', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), help_text='What carries the stock: there when it is scanned.', size=None)),
                ('decided_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.actor')),
                ('school', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.school')),
                ('successor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.school')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=Q(('successor', None), Q(('successor', F('school')), _negated=True), _connector='OR'), name='a_lycee_closes_into_another_one'), models.CheckConstraint(condition=Q(('fingerprint__regex', '^[0-9a-f]{64}$')), name='a_closing_names_the_preview_it_confirmed')],
            },
        ),
        migrations.CreateModel(
            name='UaiChange',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('before', models.CharField(max_length=8)),
                ('after', models.CharField(max_length=8)),
                ('decided_at', models.DateTimeField()),
                ('decided_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.actor')),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.school')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=Q(('before', F('after')), _negated=True), name='a_number_changes_to_another_one')],
            },
        ),
    ]
