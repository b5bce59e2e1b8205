"""An own rule that is taken back ends its alerts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("alerts", "0002_lifecycle")]

    operations = [
        migrations.AlterField(
            model_name="alert",
            name="ending",
            field=models.CharField(
                blank=True,
                choices=[
                    ("recovered", "recovered"),
                    ("new_level", "settled at a new level"),
                    ("superseded", "replaced by a stronger alert"),
                    ("paused", "service paused"),
                    ("ended", "service ended"),
                    ("withdrawn", "rule taken back"),
                ],
                max_length=12,
            ),
        ),
    ]
