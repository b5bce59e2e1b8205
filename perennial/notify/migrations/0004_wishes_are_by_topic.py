from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("notify", "0003_wishes_by_topic")]
    operations = [
        migrations.RemoveField(model_name="wish", name="digest"),
        migrations.RemoveField(model_name="wish", name="instant"),
    ]
