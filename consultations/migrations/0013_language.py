from django.db import migrations

import consultations.encryption


class Migration(migrations.Migration):
    dependencies = [
        ("consultations", "0012_several_topics"),
    ]

    operations = [
        migrations.AddField(
            model_name="consultationrequest",
            name="language",
            field=consultations.encryption.EncryptedField(
                blank=True, null=True, verbose_name="language for an interpreter"
            ),
        ),
    ]
