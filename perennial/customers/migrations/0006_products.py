"""What a customer has in service now, for the grade standards of its people."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0005_people_search")]

    operations = [
        migrations.AddField("customer", "products", models.JSONField(default=list)),
    ]
