"""Writes `vectors.json`: tokens of our own, each named after its defect, with the key they are to be verified with.

Run by hand, `python -m tests.attacks.tokens.generate`, when a row is added: the keys are made anew each time.
"""

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import get_default_algorithms

HERE = Path(__file__).parent
CONTENT = b'{"sub":"mara"}'
MAKERS: dict[str, Callable[[], Any]] = {
    **dict.fromkeys(
        (f"{family}{bits}" for family in ("RS", "PS") for bits in (256, 384, 512)),
        lambda: rsa.generate_private_key(65537, 2048),
    ),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ES384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ES512": lambda: ec.generate_private_key(ec.SECP521R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}  # fmt: skip


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signing(header: dict[str, Any], content: bytes = CONTENT) -> str:
    return f"{b64(json.dumps(header).encode())}.{b64(content)}"


def token(private: Any, header: dict[str, Any], *, alg: str = "", head: str = "") -> str:
    said = f"{b64(head.encode())}.{b64(CONTENT)}" if head else signing(header)
    algorithm = get_default_algorithms()[alg or header["alg"]]
    return f"{said}.{b64(algorithm.sign(said.encode(), private))}"


def described(private: Any, alg: str, **more: Any) -> dict[str, Any]:
    told = get_default_algorithms()[alg].to_jwk(private.public_key(), as_dict=True)
    told.pop("key_ops", None)
    return {**told, "kid": f"our-{alg}", "alg": alg, "use": "sig", **more}


def row(name: str, key: dict[str, Any], made: str, *, valid: bool = False) -> dict[str, Any]:
    return {"name": name, "key": key, "token": made, "valid": valid}


def of_every_algorithm() -> Iterator[dict[str, Any]]:
    """One that holds and three that were changed, for each algorithm."""
    for alg, make in MAKERS.items():
        private = make()
        key, good = described(private, alg), token(private, {"alg": alg, "kid": f"our-{alg}"})
        head, content, signature = good.split(".")
        yield row(f"{alg}: holds", key, good, valid=True)
        yield row(f"{alg}: another content", key, f"{head}.{b64(b'{}')}.{signature}")
        yield row(
            f"{alg}: another signature", key, f"{head}.{content}.{('B' if signature[0] != 'B' else 'C')}{signature[1:]}"
        )
        yield row(f"{alg}: no signature", key, f"{head}.{content}.")
        yield row(f"{alg}: another key", key, token(make(), {"alg": alg, "kid": f"our-{alg}"}))
    private = ed448.Ed448PrivateKey.generate()
    yield row(
        "Ed448: holds", described(private, "EdDSA"), token(private, {"alg": "EdDSA", "kid": "our-EdDSA"}), valid=True
    )


def of_keys() -> Iterator[dict[str, Any]]:
    """Keys that are not for this."""
    private = rsa.generate_private_key(65537, 2048)
    good = token(private, {"alg": "RS256", "kid": "our-RS256"})
    key = described(private, "RS256")
    yield row("a key without a named algorithm", {k: v for k, v in key.items() if k != "alg"}, good, valid=True)
    yield row("a longer hash than the key's", key, token(private, {"alg": "RS512", "kid": "our-RS256"}), valid=True)
    yield row("a key for encryption", described(private, "RS256", use="enc"), good)
    yield row("a key for encrypting", described(private, "RS256", key_ops=["encrypt"]), good)
    yield row("operations that are no list", described(private, "RS256", key_ops="verify"), good)
    yield row(
        "a shorter hash than the key's",
        described(private, "RS512"),
        token(private, {"alg": "RS256", "kid": "our-RS512"}).replace("our-RS256", "our-RS512"),
    )
    yield row("the other padding", described(private, "PS256"), token(private, {"alg": "RS256", "kid": "our-PS256"}))
    yield row("an unknown algorithm in the key", {**key, "alg": "RSA1_5"}, good)
    yield row("another key's id", described(private, "RS256", kid="another"), good)
    yield row("a key whose id is a number", described(private, "RS256", kid=7), good)
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505  # weak is the point
    yield row("an RSA key of 1,024 bits", described(weak, "RS256"), token(weak, {"alg": "RS256", "kid": "our-RS256"}))
    odd = ec.generate_private_key(ec.SECP256K1())
    yield row("a curve that is not ours", described(odd, "ES256K"), token(odd, {"alg": "ES256K", "kid": "our-ES256K"}))
    yield row(
        "a private key in the set",
        {
            **get_default_algorithms()["RS256"].to_jwk(private, as_dict=True),
            "kid": "our-RS256",
            "use": "sig",
            "key_ops": ["sign", "verify"],
        },
        good,
    )
    yield row("a key without a modulus", {k: v for k, v in key.items() if k != "n"}, good)
    yield row(
        "a shared secret in the set",
        {"kty": "oct", "k": b64(b"k" * 32), "kid": "our", "alg": "HS256"},
        token(b"k" * 32, {"alg": "HS256", "kid": "our"}),
    )


def of_headers() -> Iterator[dict[str, Any]]:
    """Headers that would choose key, algorithm or meaning."""
    private, other = rsa.generate_private_key(65537, 2048), rsa.generate_private_key(65537, 2048)
    key, kid = described(private, "RS256"), "our-RS256"
    base = {"alg": "RS256", "kid": kid}
    for alg in ("none", "None", "NONE", "nOnE", ""):
        yield row(f"algorithm {alg!r}, unsigned", key, f"{signing({**base, 'alg': alg})}.")
        yield row(f"algorithm {alg!r}, signed", key, token(private, {**base, "alg": alg}, alg="RS256"))
    public = private.public_key()
    for form, secret in {
        "PEM": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "DER": public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "JWK": json.dumps(key).encode(),
    }.items():
        said = signing({**base, "alg": "HS256"})
        mac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(said.encode(), secret)
        yield row(f"the public key as a shared secret, {form}", key, f"{said}.{b64(mac)}")
    embedded = described(other, "RS256")
    for name, value in {
        "jwk": embedded, "jku": "https://evil.invalid/keys", "x5u": "https://evil.invalid/cert", "x5c": ["MIIB"],
        "crit": ["exp"], "b64": False, "zip": "DEF", "cty": "JWT", "enc": "A128GCM", "kidd": "x",
    }.items():  # fmt: skip
        yield row(f"a header that has {name}, genuinely signed", key, token(private, {**base, name: value}))
    yield row("an embedded key that signed it", key, token(other, {**base, "jwk": embedded}))
    for bad in (
        "../../dev/null",
        "/dev/null",
        "https://evil.invalid/key.pem",
        "' OR 1=1 --",
        "our-RS256\u0000",
        "OUR-RS256",
        "x" * 500,
        "",
    ):
        yield row(f"key id {bad[:24]!r}", key, token(private, {"alg": "RS256", "kid": bad}))
    for odd in (7, None, ["our-RS256"], {"our-RS256": 1}, True):
        yield row(f"key id {odd!r}", key, token(private, {"alg": "RS256", "kid": odd}))
    yield row("no key id", key, token(private, {"alg": "RS256"}))
    yield row("no algorithm", key, token(private, {"kid": kid}, alg="RS256"))
    yield row("an algorithm that is a list", key, token(private, {**base, "alg": ["RS256"]}, alg="RS256"))
    yield row("a header that is a list", key, token(private, base, head='["RS256"]'))
    yield row(
        "a header that names the algorithm twice",
        key,
        token(private, base, head='{"alg":"none","alg":"RS256","kid":"our-RS256"}'),
    )
    yield row("a header of 3,000 characters", key, token(private, {**base, "x5t": "x" * 3_000}))
    yield row("a header that is no JSON", key, token(private, base, head="RS256"))
    yield row("a header that is not UTF-8", key, token(private, base, head="x").replace("eA.", "_w."))
    yield row("a header that is nested 900 deep", key, token(private, base, head="[" * 900))


def of_forms() -> Iterator[dict[str, Any]]:
    """Other forms of tokens, and a good one that was written otherwise."""
    private = ec.generate_private_key(ec.SECP256R1())
    key = described(private, "ES256")
    good = token(private, {"alg": "ES256", "kid": "our-ES256"})
    head, content, signature = good.split(".")
    yield row("padding", key, f"{head}=.{content}.{signature}")
    padded = base64.urlsafe_b64encode(b'{"kid":"our-ES256","alg":"ES256"} ').decode() + f".{b64(CONTENT)}"
    assert "=" in padded
    raised = get_default_algorithms()["ES256"].sign(padded.encode(), private)
    yield row("padding, genuinely signed", key, f"{padded}.{b64(raised)}")
    secret = get_default_algorithms()["ES256"].to_jwk(private, as_dict=True)
    yield row(
        "a private key on a curve in the set", {**secret, "kid": "our-ES256", "use": "sig", "key_ops": ["verify"]}, good
    )
    yield row("a space before", key, f" {good}")
    yield row("a line's end after", key, f"{good}\n")
    yield row("a line's end within", key, f"{head}.{content}\n.{signature}")
    yield row("the other alphabet", key, good.replace("-", "+").replace("_", "/") + "/")
    yield row("bits beyond the end", key, f"{good[:-1]}{chr(ord(good[-1]) + 1)}")
    yield row("letters of another script", key, good.replace("e", "\u0435", 1))
    yield row("four parts", key, f"{good}.{signature}")
    yield row("five parts", key, f"{good}.{signature}.{signature}")
    yield row("two parts", key, f"{head}.{content}")
    yield row("an empty token", key, "")
    yield row("dots alone", key, "..")
    yield row("JSON serialisation", key, json.dumps({"payload": content, "protected": head, "signature": signature}))
    raw = base64.urlsafe_b64decode(signature + "==")
    r, s = int.from_bytes(raw[:32]), int.from_bytes(raw[32:])
    yield row("a DER signature", key, f"{head}.{content}.{b64(encode_dss_signature(r, s))}")
    yield row("a signature of zeros", key, f"{head}.{content}.{b64(bytes(64))}")
    yield row("a signature and more", key, f"{head}.{content}.{b64(raw + b'x')}")
    encrypted = {"alg": "RSA-OAEP", "enc": "A256GCM", "kid": "our-ES256"}
    yield row(
        "encrypted", key, ".".join([b64(json.dumps(encrypted).encode()), *(b64(b"x" * n) for n in (256, 12, 40, 16))])
    )
    yield row("a huge token", key, token(private, {"alg": "ES256", "kid": "our-ES256"}).replace(content, "A" * 280_000))


def main() -> None:
    rows = [*of_every_algorithm(), *of_keys(), *of_headers(), *of_forms()]
    for made in rows:
        if len(made["token"]) > 100_000:  # kept small on disk, made large where it is read
            made["token"], made["filled"] = made["token"].replace("A" * 280_000, "@"), 280_000
    (HERE / "vectors.json").write_text(json.dumps(rows, indent=0, ensure_ascii=True) + "\n", "utf-8")


if __name__ == "__main__":
    main()
