from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notices', '0003_notices_by_address'),
    ]

    operations = [
        migrations.AddField(
            model_name='noticetext',
            name='sms',
            field=models.CharField(blank=True, default='', max_length=459),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name='noticetext',
            constraint=models.CheckConstraint(condition=models.Q(('sms', ''), models.Q(('body', ''), _negated=True), _connector='OR'), name='a_short_form_goes_with_a_text'),
        ),
    ]
