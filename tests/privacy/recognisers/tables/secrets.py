"""What opens doors. All invented; none of it ever opened anything."""

_KEY: str = "MIIEinventedinventedinvented"
_LINE: str = "a1B2c3D4" * 8

TABLES = {
    "pem": [
        (f"⟦-----BEGIN RSA PRIVATE KEY-----\n{_KEY}\n-----END RSA PRIVATE KEY-----⟧", 0.99),
        (f"key ⟦-----BEGIN PRIVATE KEY-----\n{_KEY}⟧", 0.99),
        (
            f"⟦-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00FF\n\n{_KEY}\n"
            f"-----END RSA PRIVATE KEY-----⟧\nYours",
            0.99,
        ),
        (f"⟦-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: Pine-Cone 1.0 - free\n\n{_KEY}\n=a1B2⟧", 0.99),
        ("-----BEGIN PUBLIC KEY-----",),
        ("a private key opens doors",),
    ],
    "key-lines": [
        (f"⟦{_LINE[:40]}\n{_LINE}\r\n> {_LINE}\na1B2==⟧", 0.9),
        (f"rest ⟦{_LINE}\\n{_LINE}⟧", 0.9),
        (f"{_LINE} is one line",),
        (("0a1b2c3d" * 8 + "\n") * 3,),
    ],
    "jwt": [
        ("⟦eyJhbGciOiJub25lIn0.eyJzdWIiOiJqbyJ9.c2lnbmF0dXJl⟧", 0.95),
        ("Bearer ⟦eyJhbGciOiJub25lIn0.eyJzdWIiOiJqbyJ9.⟧", 0.95),
        ("eyJ is a beginning",),
        ("eyJhbGciOiJub25lIn0",),
    ],
    "key-known": [
        ("⟦AKIAIOSFODNN7EXAMPLE⟧", 0.95),
        ("token ⟦ghp_" + "a1B2c3D4e5" * 4 + "⟧", 0.95),
        ("AKIA and ASIA are prefixes",),
        ("sk-3 and hf_",),
    ],
    "bearer": [
        ("Authorization: Bearer ⟦a81Kd93hZq02mNs8⟧", 0.85),
        ("token ⟦Zx81-kd93hQ02-mNs8T⟧", 0.85),
        ("bearer of bad news 2026",),
        ("basic training12345",),
    ],
    "connection": [
        ("postgresql://app:⟦s3cr3t-Pw⟧@db/records", 0.95),
        ("smb://ward:⟦Winter26⟧@files", 0.95),
        ("https://example.org:8080/a@b",),
        ("https://example.org/a:b@c",),
    ],
    "password": [
        ("password: ⟦Winter2026!⟧", 0.8),
        ("Das Passwort lautet ⟦Qm7#xx1⟧.", 0.8),
        ("PIN: ⟦4711⟧, CVV ist ⟦123⟧", 0.8, 0.8),
        ("The password is required here.",),
        ("Das Passwort ist abgelaufen",),
        ("spin: 90 degrees",),
        ("passwords are changed every 90 days",),
    ],
    "password-colon": [
        ("password: ⟦swordfish⟧", 0.7),
        ("Kennwort = ⟦sommer⟧", 0.7),
        ("the password is long",),
        ("passwords expire",),
    ],
    "key-labelled": [
        ("api_key = '⟦a81Kd93hZq02mNs8⟧'", 0.85),
        ("client secret: ⟦9f8a7b6c5d4e3f2a1b0c⟧", 0.85),
        ("key: introduction",),
        ("token: aaaaaaaaaaaaaaa1",),
        ("the secret is patience12",),
    ],
    "pin": [
        ("CVV ⟦123⟧, PIN ⟦4711⟧", 0.75, 0.75),
        ("PUK: ⟦12345678⟧", 0.75),
        ("pin 12",),
        ("SPIN 123",),
    ],
    "password-bare": [
        ("The password ⟦Tr4ver!Oak⟧ was found", 0.75),
        ("Das Passwort ⟦Qm7#xx12⟧ stand da", 0.75),
        ("the password policy of 2026",),
        ("Passwort vergessen?",),
    ],
}
