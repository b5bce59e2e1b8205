"""What somebody did not want to be mailed becomes a wish per topic."""

from django.db import migrations


def to_topics(apps, _schema):
    Wish, TopicWish = apps.get_model("notify", "Wish"), apps.get_model("notify", "TopicWish")
    unwanted = [(it.user_id, "digest") for it in Wish.objects.filter(digest=False)]
    unwanted += [(it.user_id, "alert") for it in Wish.objects.filter(instant=False)]
    TopicWish.objects.bulk_create(
        TopicWish(user_id=user, topic=topic, how="off") for user, topic in unwanted
    )


def from_topics(apps, _schema):
    Wish, TopicWish = apps.get_model("notify", "Wish"), apps.get_model("notify", "TopicWish")
    for topic, field in (("digest", "digest"), ("alert", "instant")):
        for it in TopicWish.objects.filter(topic=topic, how="off"):
            Wish.objects.update_or_create(user_id=it.user_id, defaults={field: False})
    TopicWish.objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("notify", "0002_channels")]
    operations = [migrations.RunPython(to_topics, from_topics)]
