from django.db import migrations, models


def fill(apps, _):
    pages = apps.get_model("pages", "Page").objects
    for title in ("home", "about"):
        pages.create(title=title)


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel("Page", [("id", models.BigAutoField(primary_key=True)), ("title", models.CharField(max_length=100))]),
        migrations.RunPython(fill),
    ]
