"""The articles: complete, readable, cited, and free of what no trial carries."""

import re

from django.template.loader import render_to_string

CRISIS_LINKS = {
    "911": "tel:911",
    "988": "tel:988",
    "838255": "sms:838255",
    "1-800-345-9049": "tel:+18003459049",
}


def test_the_crisis_block_dials_the_numbers_that_it_prints():
    block = render_to_string("includes/crisis_block.html")
    for number, address in CRISIS_LINKS.items():
        assert f'<a href="{address}">{number}</a>' in block
    assert '<a href="sms:988">988</a>' in block
    for address, number in re.findall(r'<a href="(?:tel|sms):([^"]+)">([^<]+)</a>', block):
        assert address.removeprefix("+1") == number.replace("-", "").removeprefix("1")
