"""The facts that help someone find the clinic's door, and how they are validated."""

DIRECTIONS_LENGTH = 300
# Each fact's key and label. The labels are also the headings on /visit-us/.
DIRECTIONS = {
    "landmark": "Landmark",
    "entrance": "Entrance",
    "parking": "Parking",
    "step_free_route": "Step-free route",
    "transit": "Buses and trains",
}


def directions(text: str) -> str:
    text = " ".join(text.split())
    if len(text) > DIRECTIONS_LENGTH:
        raise ValueError(f"Use {DIRECTIONS_LENGTH} characters or fewer; this has {len(text)}.")
    return text
