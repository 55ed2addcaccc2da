"""The clinic's facts. These three are constants, and the others are entered at the desk."""

NAME = "The Albany Clinic"
CITY = "Carbondale"
STATE = "Illinois"
