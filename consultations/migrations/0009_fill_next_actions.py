from datetime import datetime, time

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone


# The queue and next action of each status.
DERIVED = {
    "new": ("open", "contact"),
    "tried": ("open", "follow-up"),
    "reached": ("open", "follow-up"),
    "booked": ("scheduled", "follow-up"),
    "suspected": ("suspected", "review"),
    "closed": ("ended", ""),
    "spam": ("ended", ""),
}


def fill_next_actions(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Set what the model derives when it saves a request: queue, next action, its time, and priority."""
    rows = apps.get_model("consultations", "ConsultationRequest").objects.using(schema_editor.connection.alias)
    for status, (queue, action) in DERIVED.items():
        rows.filter(status=status).update(main_queue=queue, next_action=action)
    rows.filter(status="new").update(next_action_at=Coalesce("due_at", "created_at"))
    rows.filter(status__in=["suspected", "tried", "reached", "booked"]).update(next_action_at=F("created_at"))
    contacting = rows.filter(status__in=["tried", "reached"]).exclude(follow_up_on=None)
    for day in contacting.values_list("follow_up_on", flat=True).distinct().order_by("follow_up_on"):
        midnight = timezone.make_aware(datetime.combine(day, time.min))
        contacting.filter(follow_up_on=day).update(next_action_at=midnight)
    withdrawn = rows.exclude(status__in=["closed", "spam"]).exclude(withdrawn_at=None)
    withdrawn.update(patient_changed_at=F("withdrawn_at"), priority=1)


def let_the_front_desk_send_again(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Grant Front desk the permission to send or dismiss a failed email, which migration 0002 created for managers."""
    resend = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="consultations", codename="resend_notification"
    )
    for group in apps.get_model("auth", "Group").objects.filter(name="Front desk"):
        group.permissions.add(*resend)


class Migration(migrations.Migration):
    """Rows follow in a migration of their own, because PostgreSQL may refuse to alter a table that was just changed."""

    dependencies = [("consultations", "0008_attempts_and_next_actions")]

    operations = [
        migrations.RunPython(fill_next_actions, migrations.RunPython.noop),
        migrations.RunPython(let_the_front_desk_send_again, migrations.RunPython.noop),
    ]
