"""Goals keep what was last measured of them; touchpoints the day for which they were planned."""

from __future__ import annotations

from datetime import date

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("work", "0004_onboarding")]

    operations = [
        migrations.AddField("goal", "baseline_on", models.DateField(null=True, blank=True)),
        migrations.AddField("goal", "current", models.FloatField(null=True, blank=True)),
        migrations.AddField("goal", "current_on", models.DateField(null=True, blank=True)),
        migrations.AddField("goal", "current_why", models.CharField(max_length=100, blank=True)),
        migrations.AddField("goal", "is_shared", models.BooleanField(default=True)),
        migrations.AddField("planaction", "done_by", models.CharField(max_length=100, blank=True)),
        migrations.AddField(
            "touchpoint",
            "planned_on",
            models.DateField(default=date(2000, 1, 1)),
            preserve_default=False,
        ),
        migrations.AddIndex(
            "touchpoint",
            models.Index(fields=["customer", "due_on"], name="touchpoints_of_a_customer"),
        ),
    ]
