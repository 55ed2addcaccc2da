from django.db import migrations

import consultations.encryption


class Migration(migrations.Migration):
    dependencies = [
        ("consultations", "0011_desk_own_closed"),
    ]

    operations = [
        migrations.AlterField(
            model_name="consultationrequest",
            name="topic",
            field=consultations.encryption.EncryptedField(blank=True, null=True),
        ),
    ]
