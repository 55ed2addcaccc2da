"""The many ways in which people type or paste one phone number."""

from hypothesis import strategies as st

PLAIN = "6185550123"

invisible = st.sampled_from(["", "\u200b", "\u200e", "\u202d", "\u2060", "\ufeff", "\ufe0f", "\u00ad", "\u2069"])
between = st.text(st.sampled_from(" \u00a0\u2009\u3000-\u2010\u2011\u2012\u2013\u2014\u2212－().·・"), max_size=2)
ZEROS = "0０٠०"  # ASCII, full-width, Arabic and Hindi


@st.composite
def spellings(draw) -> str:
    """Return PLAIN as somebody might type or paste it."""
    zero = ord(draw(st.sampled_from(ZEROS)))
    shown = [chr(zero + int(digit)) + draw(invisible) for digit in PLAIN]
    number = "".join(shown[:3]) + draw(between) + "".join(shown[3:6]) + draw(between) + "".join(shown[6:])
    prefix = draw(st.sampled_from(["", "+1", "1 ", "＋1 ", "tel:", "tel:+1-", "TEL: ", "001", "<"]))
    extension = draw(
        st.sampled_from(["", ",45", ";45", " #45", "*45", "x45", " ext. ４５", ";ext=45", " extension 45"])
    )
    return draw(invisible) + prefix + number + extension + draw(st.sampled_from(["", ".", " ", "\u202c", ">", ","]))
