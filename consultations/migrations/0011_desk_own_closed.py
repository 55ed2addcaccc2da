from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consultations", "0010_forget_suspected_spam"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="consultationrequest",
            index=models.Index(
                condition=models.Q(("assigned_to__isnull", False), ("main_queue", "ended")),
                fields=["assigned_to", "closed_at", "id"],
                name="desk_own_closed",
            ),
        ),
    ]
