"""The clinic's name, city and state, which are constants. Managers enter its other facts at the desk."""

NAME = "The Albany Clinic"
CITY = "Carbondale"
STATE = "Illinois"
