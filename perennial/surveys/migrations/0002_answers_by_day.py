from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("surveys", "0001_first")]

    operations = [
        migrations.AddIndex(
            model_name="answer",
            index=models.Index(fields=["-answered_at"], name="answers_by_day"),
        ),
    ]
