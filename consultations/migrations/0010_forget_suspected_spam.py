from django.db import migrations


class Migration(migrations.Migration):
    """Remove the field from Django's models, and keep its column.

    The previous release reads and writes the column until its processes are reloaded, after this migration has run.
    The database fills the column with its default. A later release can drop it.
    """

    dependencies = [("consultations", "0009_fill_next_actions")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField(model_name="consultationrequest", name="suspected_spam")]
        )
    ]
