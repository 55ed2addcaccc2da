from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def let_managers_change_the_clinic(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create the permission and give it to managers. Django itself would create it only after all migrations."""
    kind, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(app_label="clinic", model="edition")
    permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=kind, codename="change_clinic", defaults={"name": "Can change the clinic's facts"}
    )
    manager, _ = apps.get_model("auth", "Group").objects.get_or_create(name="Manager")
    manager.permissions.add(permission)


ACTIONS = [
    ("view", "Opened a request"),
    ("list", "Saw a list"),
    ("search", "Searched by phone or email"),
    ("export", "Exported"),
    ("add", "Wrote down a call"),
    ("change", "Worked on a request"),
    ("erase", "Erased a request"),
    ("send-again", "Had a mail sent again"),
    ("account", "Changed a staff account"),
    ("clinic", "Changed the clinic's facts"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("consultations", "0006_move_suspected_requests"),
        ("clinic", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.AlterField(
            "consultationrequest", "due_at", models.DateTimeField(editable=False, null=True, verbose_name="due")
        ),
        migrations.AddField("consultationrequest", "due_moved_at", models.DateTimeField(editable=False, null=True)),
        migrations.AlterField("accesslogentry", "action", models.CharField(choices=ACTIONS, max_length=10)),
        migrations.RunPython(let_managers_change_the_clinic, migrations.RunPython.noop),
    ]
