from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the status "suspected", and a database default for the column that it replaces.

    The next migration updates the rows. It is separate, because PostgreSQL may refuse to alter a table in the same
    transaction that changed its rows.
    """

    dependencies = [("consultations", "0004_name_the_consultation")]

    operations = [
        migrations.AlterField(
            model_name="consultationrequest",
            name="status",
            field=models.CharField(
                choices=[
                    ("new", "New"),
                    ("suspected", "Suspected spam"),
                    ("tried", "Tried"),
                    ("reached", "Reached"),
                    ("booked", "Booked"),
                    ("closed", "Closed"),
                    ("spam", "Spam"),
                ],
                db_index=True,
                default="new",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="consultationrequest",
            name="suspected_spam",
            field=models.BooleanField(db_default=False, db_index=True, default=False),
        ),
    ]
