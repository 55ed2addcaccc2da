"""Phrases that no page of the site may contain, because they promise or promote more than the evidence supports.

The tests of the public pages use this list, and so does the desk, which warns a manager who types one of them.
"""

import re

# Claims that no trial, label or guideline supports, and phrases that play on fear or hope. All are common on clinic
# websites. They are forbidden in a negation too, because a hurried reader remembers the claim and not the "not".
# DENIALS lists the exceptions.
NEVER = (
    r"fda[- ]approved (?:ketamine|infusion|for (?:depression|pain|ptsd|anxiety))",
    r"non-?addictive",
    r"not addictive",
    r"low risk of addiction",
    r"miracle",
    r"break-?through",
    r"life-?changing",
    r"game-?changer",
    r"re-?wir(?:e|es|ed|ing)\b",
    r"reset(?:s|ting)? (?:your|the) (?:brain|mind)",
    r"new brain cells",
    r"revers(?:e|es|ing) (?:your |the )?(?:disease|depression|damage|neurological)",
    r"when nothing else (?:does|works|has|helps)",
    r"safer than",
    r"better than (?:antidepressants|opioids|medicines|medication)",
    r"safe and effective",
    r"(?:very|completely|perfectly|generally|relatively|totally) safe\b",
    r"(?:no|few|minimal|without) side effects",
    r"pain-?less\b",
    r"risk-free",
    r"all[- ]natural",
    r"permanent(?:ly)? (?:cure|relie[fv]e?|heal)",
    r"cures? (?:your |for )?(?:depression|pain|ptsd|anxiety)",
    r"prevents? suicide(?! \()",
    r"success rate",
    r"60\s?(?:-|to|–)\s?80\s?(?:%|percent)",
    r"more than three-quarters",
    r"guarantee",
    r"proven (?:to work|results|relief)",
    r"state[- ]of[- ]the[- ]art",
    r"cutting[- ]edge",
    r"world[- ]class",
    r"most (?:competent|advanced|trusted|experienced)",
    r"leading (?:clinic|provider|center)",
    r"innovative",
    r"compassionate",
    r"revolution(?:ary|ize)",
    r"regain control",
    r"take the first step",
    r"hold you back",
    r"don.t wait",
    r"limited (?:time|spots|places|offer)",
    r"act now",
    r"before it.s too late",
    r"testimonial",
    r"years younger",
    r"improves? blood flow",
    r"boosts? serotonin",
)
_NEVER_SAID = re.compile("|".join(rf"\b{phrase}" for phrase in NEVER), re.IGNORECASE)

# Allowed, because there is no clearer way to deny these claims.
DENIALS = (
    "has not been shown to prevent suicide",
    "Nobody has shown that ketamine prevents suicide",
)


def forbidden_phrases(text: str) -> list[str]:
    """Return the forbidden phrases in a text as they are written there, each once, in order."""
    for denial in DENIALS:
        text = text.replace(denial, "")
    return list(dict.fromkeys(match[0] for match in _NEVER_SAID.finditer(text)))
