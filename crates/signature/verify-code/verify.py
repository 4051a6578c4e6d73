"""Verifies a webhook. Python 3.9 or newer, nothing to install."""
import base64
import hashlib
import hmac
import os
import re
import sys
import time


def verify(secret: str, headers: dict, body: bytes) -> bool:
    """Whether a secret signed the body less than five minutes ago.

    secret: whsec_…; several, separated by spaces, while one replaces another.
    headers: names in lower case. body: the bytes as received, before any parsing
    (Flask: request.get_data(), Django: request.body, FastAPI: await request.body()).
    """
    message_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not message_id or not re.fullmatch("[1-9][0-9]{0,11}", timestamp):
        return False
    if abs(int(time.time()) - int(timestamp)) > 300:
        return False

    valid = False
    signed = f"{message_id}.{timestamp}.".encode() + body
    for word in secret.split():
        key = base64.b64decode(word.removeprefix("whsec_"))
        if not key:
            continue
        mac = hmac.new(key, signed, hashlib.sha256).digest()
        expected = b"v1," + base64.b64encode(mac)
        for signature in headers.get("webhook-signature", "").split():
            valid |= hmac.compare_digest(signature.encode(), expected)
    return valid


if __name__ == "__main__":
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    request = {name: os.environ.get(name.upper().replace("-", "_"), "") for name in names}
    ok = verify(os.environ.get("WEBHOOK_SECRET", ""), request, sys.stdin.buffer.read())
    sys.exit(0 if ok else 1)
