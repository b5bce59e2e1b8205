"""Closes are replaced, never changed; rates say into which currency; what is unknown says why."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('revenue', '0002_decisions_and_closes'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='close', name='a_period_is_closed_once'),
        migrations.AddField(model_name='close', name='rates', field=models.JSONField(default=dict)),
        migrations.AddIndex(
            model_name='close',
            index=models.Index(models.F('period'), models.F('made_at'), name='closes_of_a_period'),
        ),
        migrations.RemoveConstraint(model_name='closeline', name='a_customer_is_closed_once'),
        migrations.AddField(
            model_name='closeline', name='unit', field=models.CharField(blank=True, max_length=200)
        ),
        migrations.AddConstraint(
            model_name='closeline',
            constraint=models.UniqueConstraint(
                models.F('close'), models.F('customer'), models.F('unit'),
                name='a_customer_is_closed_once',
            ),
        ),
        migrations.AddField(
            model_name='fxrate',
            name='into',
            field=models.CharField(default='', max_length=3),
            preserve_default=False,
        ),
        migrations.RenameField('revenuemark', old_name='left_out', new_name='missing_rates'),
        migrations.AddField(
            model_name='revenuemark', name='split_missing', field=models.JSONField(default=list)
        ),
        migrations.AddField(
            model_name='mrrchange', name='unknown', field=models.CharField(blank=True, max_length=20)
        ),
    ]
