import django.db.models.deletion
from django.db import migrations, models


def key(related_name: str, *, null: bool = False, blank: bool = False) -> models.ForeignKey:
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT,
        related_name=related_name,
        to="consultations.consultationrequest",
        db_column="request_id",
        null=null,
        blank=blank,
    )


KEYS = {
    "note": key("notes"),
    "accesslogentry": key("access_log_entries", null=True),
    "correction": key("corrections"),
    "notification": key("notifications", null=True, blank=True),
}


class Migration(migrations.Migration):
    """Rename the foreign keys in Python only. The columns keep their names, so the previous release still runs."""

    dependencies = [("consultations", "0003_desk")]

    operations = [
        operation
        for model, field in KEYS.items()
        for operation in (
            migrations.AlterField(model, "request", field),
            migrations.RenameField(model, "request", "consultation"),
        )
    ]
