"""How a service may write a secret: each name with what turns the secret into that spelling."""

import html
import json
import quopri
import re
import textwrap
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote, quote_plus


def units(text: str) -> list[int]:
    """A text as the numbers that JSON escapes are made of (UTF-16)."""
    raw = text.encode("utf-16-be")
    return [int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2)]


SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "small letters": lambda text: text.encode().lower().decode(),
    "capitals": lambda text: text.encode().upper().decode(),
    "URL": lambda text: quote(text, safe=""),
    "URL path": quote,
    "URL in small hexadecimals": lambda text: re.sub(
        "%..", lambda hit: hit[0].lower(), quote(text, safe="")
    ),
    "URL of every character": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "URL in a URL": lambda text: quote(quote(text, safe=""), safe=""),
    "URL in a URL in a URL": lambda text: quote(quote(quote(text, safe=""), safe=""), safe=""),
    "form": quote_plus,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON in JSON": lambda text: json.dumps(json.dumps(text))[3:-3],
    "JSON in JSON in JSON": lambda text: json.dumps(json.dumps(json.dumps(text)))[7:-7],
    "JSON of UTF-8": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON with escaped slashes": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "JSON careful with HTML": lambda text: json.dumps(text)[1:-1].translate(
        {ord(char): f"\\u{ord(char):04x}" for char in "<>&'"}
    ),
    "JSON of .NET": lambda text: json.dumps(text)[1:-1].translate(
        {ord(char): f"\\u{ord(char):04X}" for char in "<>&'+\"/"}
    ),
    "JSON of escapes only": lambda text: "".join(f"\\u{unit:04x}" for unit in units(text)),
    "JSON of escapes only, in a URL": lambda text: quote(
        "".join(f"\\u{unit:04X}" for unit in units(text)), safe=""
    ),
    "escapes of Rust": lambda text: "".join(f"\\u{{{ord(char):x}}}" for char in text),
    "escapes of C": lambda text: "".join(f"\\x{byte:02x}" for byte in text.encode()),
    "HTML": html.escape,
    "HTML in HTML": lambda text: html.escape(html.escape(text)),
    "HTML in numbers": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "HTML in hexadecimals": lambda text: "".join(f"&#x{ord(char):X};" for char in text),
    "XML": lambda text: html.escape(text).replace("&#x27;", "&apos;"),
    "repr": lambda text: repr(text)[1:-1],
    "repr of bytes": lambda text: repr(text.encode())[2:-1],
    "quotes doubled (SQL)": lambda text: text.replace("'", "''"),
    "quotes doubled (CSV)": lambda text: text.replace('"', '""'),
    "quoted for a shell": lambda text: text.replace("'", "'\\''"),
    "broken into lines": lambda text: "\n    ".join(
        text[at : at + 9] for at in range(0, len(text), 9)
    ),
    "quoted-printable": lambda text: quopri.encodestring(text.encode()).decode(),
    "base64": lambda text: b64encode(text.encode()).decode(),
    "base64 behind one byte": lambda text: b64encode(b":" + text.encode()).decode(),
    "base64 behind two bytes": lambda text: b64encode(b"::" + text.encode()).decode(),
    "base64 of an account": lambda text: b64encode(f"me:{text}".encode()).decode(),
    "base64url": lambda text: urlsafe_b64encode(text.encode()).decode(),
    "base64 in a URL": lambda text: quote(b64encode(text.encode()).decode(), safe=""),
    "base64 in lines": lambda text: "\r\n".join(
        textwrap.wrap(b64encode(text.encode()).decode(), 8)
    ),
    "base64 of base64": lambda text: b64encode(b64encode(text.encode())).decode(),
    "base64 of an account in base64": lambda text: b64encode(
        b64encode(f"me:{text}".encode())
    ).decode(),
    "base64 of JSON": lambda text: b64encode(json.dumps({"p": text}).encode()).decode(),
    "hexadecimal": lambda text: text.encode().hex(),
    "hexadecimal with colons": lambda text: text.encode().hex(":"),
    "hexadecimal with spaces": lambda text: text.encode().hex(" "),
    "octal escapes": lambda text: "".join(f"\\{byte:03o}" for byte in text.encode()),
    "escapes of old scripts": lambda text: "".join(f"%u{unit:04X}" for unit in units(text)),
    "hexadecimal in capitals": lambda text: text.encode().hex().upper(),
}
