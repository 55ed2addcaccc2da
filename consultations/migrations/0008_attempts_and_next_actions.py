import consultations.encryption
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consultations", "0007_follow_the_clinics_calendar"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ContactAttempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("no-answer", "No answer"),
                            ("voicemail", "Left voicemail"),
                            ("text", "Sent text"),
                            ("email", "Sent email"),
                            ("spoke", "Spoke"),
                            ("wrong-number", "Wrong number"),
                        ],
                        max_length=20,
                    ),
                ),
                ("undone_at", models.DateTimeField(blank=True, editable=False, null=True)),
            ],
            options={
                "ordering": ["at", "pk"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("version", models.PositiveIntegerField(editable=False)),
                (
                    "before",
                    consultations.encryption.EncryptedField(
                        help_text="JSON, keyed by field name.", null=True, verbose_name="values before the step"
                    ),
                ),
                ("undone_at", models.DateTimeField(blank=True, editable=False, null=True)),
            ],
            options={
                "ordering": ["at", "pk"],
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="consultationrequest",
            name="asked_again_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="consultationrequest",
            name="clinician_told_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="consultationrequest",
            name="closed_words",
            field=consultations.encryption.EncryptedField(
                blank=True, null=True, verbose_name="closed because, in words"
            ),
        ),
        migrations.AddField(
            model_name="consultationrequest",
            name="direct_line",
            field=consultations.encryption.EncryptedField(blank=True, null=True, verbose_name="direct line"),
        ),
        migrations.AddField(
            model_name="correction",
            name="author",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="consultationrequest",
            name="needs",
            field=consultations.encryption.EncryptedField(blank=True, null=True, verbose_name="needs to talk with us"),
        ),
        migrations.AddField(
            model_name="consultationrequest",
            name="next_action_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="consultationrequest",
            name="patient_agreed",
            field=models.BooleanField(
                blank=True, null=True, verbose_name="the patient agreed that we contact the clinician"
            ),
        ),
        migrations.AddField(
            model_name="consultationrequest",
            name="patient_changed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="consultationrequest",
            name="practice",
            field=consultations.encryption.EncryptedField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="consultationrequest",
            name="priority",
            field=models.PositiveSmallIntegerField(
                choices=[(0, "Urgent"), (1, "Patient Acted"), (2, "Normal")], db_default=2, default=2, editable=False
            ),
        ),
        migrations.AddField(
            model_name="consultationrequest",
            name="scheduled_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="scheduled for"),
        ),
        migrations.AddField(
            model_name="consultationrequest",
            name="urgent",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddField(
            model_name="correction",
            name="changed",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=300, verbose_name="changed answers"
            ),
        ),
        migrations.AddField(
            model_name="notification",
            name="recipient",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=254),
        ),
        migrations.AddField(
            model_name="notification",
            name="refused",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddField(
            model_name="notification",
            name="recipient_hash",
            field=models.CharField(blank=True, db_default="", db_index=True, default="", editable=False, max_length=32),
        ),
        migrations.AddField(
            model_name="notification",
            name="dismissed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="accesslogentry",
            name="action",
            field=models.CharField(
                choices=[
                    ("view", "Opened a request"),
                    ("list", "Saw a list"),
                    ("search", "Searched"),
                    ("export", "Exported"),
                    ("add", "Logged a phone request"),
                    ("change", "Worked on a request"),
                    ("erase", "Erased a request"),
                    ("send-again", "Sent an email again"),
                    ("dismiss", "Dismissed a failed email"),
                    ("account", "Changed a staff account"),
                    ("clinic", "Changed the clinic's facts"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="consultationrequest",
            name="closed_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("completed", "Completed visit"),
                    ("canceled", "Canceled the visit"),
                    ("no-show", "No-show"),
                    ("elsewhere", "Scheduled elsewhere"),
                    ("not-suitable", "Not a candidate"),
                    ("no-reply", "No response after several attempts"),
                    ("wrong-number", "Wrong number"),
                    ("changed-mind", "No longer interested"),
                    ("withdrew", "Withdrew the request"),
                    ("under-18", "Under 18"),
                    ("duplicate", "Duplicate"),
                    ("other", "Other"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="consultationrequest",
            name="first_contact_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="first contact attempt"),
        ),
        migrations.AlterField(
            model_name="consultationrequest",
            name="status",
            field=models.CharField(
                choices=[
                    ("new", "New"),
                    ("suspected", "Suspected spam"),
                    ("tried", "Contacting"),
                    ("reached", "In touch"),
                    ("booked", "Scheduled"),
                    ("closed", "Closed"),
                    ("spam", "Spam"),
                ],
                db_index=True,
                default="new",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="notification",
            name="kind",
            field=models.CharField(
                choices=[
                    ("new", "New request"),
                    ("urgent", "Urgent request"),
                    ("corrected", "Request corrected"),
                    ("withdrawn", "Request withdrawn"),
                    ("asked-again", "Patient asked again"),
                    ("reminder", "Request overdue"),
                    ("reminders", "Several requests overdue"),
                    ("summary", "Many new requests"),
                    ("digest", "Suspected spam"),
                    ("receipt", "Receipt to the patient"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="notification",
            name="slot",
            field=models.CharField(editable=False, max_length=320, unique=True),
        ),
        migrations.AddField(
            model_name="consultationrequest",
            name="main_queue",
            field=models.CharField(db_default="open", default="open", editable=False, max_length=10),
        ),
        migrations.AddField(
            model_name="consultationrequest",
            name="next_action",
            field=models.CharField(blank=True, db_default="contact", default="contact", editable=False, max_length=10),
        ),
        migrations.AddIndex(
            model_name="consultationrequest",
            index=models.Index(fields=["main_queue", "priority", "next_action_at", "id"], name="desk_order"),
        ),
        migrations.AddIndex(
            model_name="consultationrequest",
            index=models.Index(fields=["next_action", "priority", "next_action_at", "id"], name="desk_next_action"),
        ),
        migrations.AddIndex(
            model_name="consultationrequest",
            index=models.Index(
                fields=["main_queue", "assigned_to", "priority", "next_action_at", "id"], name="desk_assigned"
            ),
        ),
        migrations.AddIndex(
            model_name="consultationrequest",
            index=models.Index(
                fields=["main_queue", "asking_for", "priority", "next_action_at", "id"], name="desk_referrals"
            ),
        ),
        migrations.AddIndex(
            model_name="consultationrequest",
            index=models.Index(fields=["main_queue", "priority", "created_at", "id"], name="desk_open_too_long"),
        ),
        migrations.AddIndex(
            model_name="consultationrequest",
            index=models.Index(fields=["main_queue", "closed_at", "id"], name="desk_closed"),
        ),
        migrations.AddIndex(
            model_name="consultationrequest",
            index=models.Index(fields=["erased_at", "-created_at"], name="desk_search"),
        ),
        migrations.AddField(
            model_name="contactattempt",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="contactattempt",
            name="consultation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="contact_attempts",
                to="consultations.consultationrequest",
            ),
        ),
        migrations.AddField(
            model_name="step",
            name="attempt",
            field=models.OneToOneField(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="consultations.contactattempt",
            ),
        ),
        migrations.AddField(
            model_name="step",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="step",
            name="consultation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="steps",
                to="consultations.consultationrequest",
            ),
        ),
    ]
