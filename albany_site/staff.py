from django.contrib.admin import AdminSite


class StaffSite(AdminSite):
    """The front desk: Django's admin under the clinic's name."""

    site_header = "The Albany Clinic: front desk"
    site_title = "Front desk"
    index_title = "Today"
