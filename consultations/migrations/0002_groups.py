from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

FRONT_DESK = [
    ("consultations", "consultationrequest", "view_consultationrequest", "Can view consultation request"),
    ("consultations", "consultationrequest", "add_consultationrequest", "Can add consultation request"),
    ("consultations", "consultationrequest", "change_consultationrequest", "Can change consultation request"),
]
MANAGER = [
    *FRONT_DESK,
    ("consultations", "consultationrequest", "export_consultationrequest", "Can export requests"),
    ("consultations", "consultationrequest", "erase_consultationrequest", "Can erase a request now"),
    ("consultations", "notification", "resend_notification", "Can send a notification again"),
    ("consultations", "accesslogentry", "view_accesslogentry", "Can view access log entry"),
    ("auth", "user", "view_user", "Can view user"),
    ("auth", "user", "add_user", "Can add user"),
    ("auth", "user", "change_user", "Can change user"),
]


def make_groups(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create the groups and their permissions. Django itself would create the permissions only after all migrations."""
    content_type, permission, group = (
        apps.get_model("contenttypes", "ContentType"),
        apps.get_model("auth", "Permission"),
        apps.get_model("auth", "Group"),
    )
    for name, rows in (("Front desk", FRONT_DESK), ("Manager", MANAGER)):
        made, _ = group.objects.get_or_create(name=name)
        for app_label, model, codename, label in rows:
            kind, _ = content_type.objects.get_or_create(app_label=app_label, model=model)
            row, _ = permission.objects.get_or_create(content_type=kind, codename=codename, defaults={"name": label})
            made.permissions.add(row)


class Migration(migrations.Migration):
    dependencies = [
        ("consultations", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
