"""What the clinic says about itself. These three never change at the desk."""

NAME = "The Albany Clinic"
CITY = "Carbondale"
STATE = "Illinois"
