"""Chooses the content encoding of responses, and defines the compressors."""

import gzip
from functools import lru_cache, partial

import brotli

PREFERRED = ("br", "gzip")
# Fast settings, because Django's responses are compressed per request. Compressing the form takes 0.5 ms; at Brotli's
# highest quality, it would take 40 ms.
COMPRESS = {"br": partial(brotli.compress, quality=5), "gzip": partial(gzip.compress, compresslevel=6, mtime=0)}
_REFUSED = {"q=0", "q=0.0", "q=0.00", "q=0.000"}


@lru_cache(maxsize=64)  # browsers send only a few distinct values
def best_encoding(accept_encoding: str) -> str:
    """Return the first of PREFERRED that an Accept-Encoding header allows, or "" if it allows none."""
    allowed = {}
    for part in accept_encoding.lower().split(","):
        name, _, quality = part.replace(" ", "").partition(";")
        allowed[name] = quality not in _REFUSED
    return next((name for name in PREFERRED if allowed.get(name, allowed.get("*", False))), "")
