from django.db import migrations, models

from perennial.customers.pinyin import person_key


def fill(apps, schema_editor):
    Person = apps.get_model("customers", "Person")
    batch = []
    for person in Person.objects.only("name").iterator(2000):
        person.pinyin = person_key(person.name)
        batch.append(person)
        if len(batch) == 2000:
            Person.objects.bulk_update(batch, ["pinyin"], batch_size=400)
            batch = []
    Person.objects.bulk_update(batch, ["pinyin"], batch_size=400)


class Migration(migrations.Migration):
    dependencies = [("customers", "0004_workspace")]

    operations = [
        migrations.AddField(
            "person",
            "pinyin",
            models.CharField(blank=True, default="", max_length=300),
            preserve_default=False,
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex("person", models.Index("name", name="people_by_name")),
        migrations.AddIndex("person", models.Index("pinyin", name="people_by_pinyin")),
    ]
