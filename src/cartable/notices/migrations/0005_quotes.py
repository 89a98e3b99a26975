from django.db import migrations, models

KINDS = [
    ('charter_reminder', 'Rappel de la charte'),
    ('pc_handed_over', 'PC remis'),
    ('loan_begun', 'PC prêté'),
    ('loan_overdue', 'PC prêté à rendre'),
    ('theft_declared', 'Vol déclaré'),
    ('receipt_awaited', 'Récépissé de plainte attendu'),
    ('repaired_pc_back', 'PC réparé, de retour au lycée'),
    ('return_due', 'PC à rendre en partant'),
    ('damage_quoted', 'Devis pour un PC cassé'),
    ('quote_to_decide', 'Devis à décider par la région'),
]
NAMES = [name for name, _label in KINDS]


class Migration(migrations.Migration):

    dependencies = [
        ('notices', '0004_sms_texts'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='notice', name='notice_kind_is_known'),
        migrations.AlterField(
            model_name='notice',
            name='kind',
            field=models.CharField(choices=KINDS, max_length=24),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', NAMES)), name='notice_kind_is_known'),
        ),
        migrations.RemoveConstraint(model_name='noticetext', name='notice_text_kind_is_known'),
        migrations.AlterField(
            model_name='noticetext',
            name='kind',
            field=models.CharField(choices=KINDS, max_length=24),
        ),
        migrations.AddConstraint(
            model_name='noticetext',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', NAMES)), name='notice_text_kind_is_known'),
        ),
        migrations.RemoveConstraint(model_name='stop', name='stop_kind_is_known'),
        migrations.AlterField(
            model_name='stop',
            name='kind',
            field=models.CharField(choices=KINDS, max_length=24),
        ),
        migrations.AddConstraint(
            model_name='stop',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', NAMES)), name='stop_kind_is_known'),
        ),
    ]
