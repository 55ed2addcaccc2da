from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def flag_to_status(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give new requests with the flag the status "suspected". Keep the flag, which the previous release may still read."""
    requests = apps.get_model("consultations", "ConsultationRequest").objects.using(schema_editor.connection.alias)
    requests.filter(status="new", suspected_spam=True, erased_at=None).update(status="suspected")


def status_to_flag(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Set the flag on requests with the status "suspected". Clear it on requests that staff no longer suspect."""
    requests = apps.get_model("consultations", "ConsultationRequest").objects.using(schema_editor.connection.alias)
    requests.exclude(status__in=["suspected", "closed", "spam"]).update(suspected_spam=False)
    requests.filter(status="suspected").update(status="new", suspected_spam=True)


class Migration(migrations.Migration):
    dependencies = [("consultations", "0005_suspected_status")]

    operations = [migrations.RunPython(flag_to_status, status_to_flag)]
