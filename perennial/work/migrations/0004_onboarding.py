"""Why a way in was stopped; what the day, Today and the lists look for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0006_products"),
        ("work", "0003_workspace"),
    ]

    operations = [
        migrations.AddField(
            model_name="onboarding",
            name="stopped_reason",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddIndex(
            model_name="milestone",
            index=models.Index(
                models.F("due_on"),
                condition=models.Q(("done_on", None)),
                name="milestones_not_reached",
            ),
        ),
        migrations.AddIndex(
            model_name="onboarding",
            index=models.Index(fields=["state", "started_on"], name="onboardings_by_state"),
        ),
        migrations.AddIndex(
            model_name="project",
            index=models.Index(fields=["state", "started_on"], name="projects_by_state"),
        ),
    ]
