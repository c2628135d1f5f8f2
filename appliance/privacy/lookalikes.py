"""Letters of other alphabets that look like Latin ones, and the Latin letter that each passes for.

Ours, and small: what common fonts draw alike, in names. Digits that pass for letters (k3ller) are not in it.
"""

from typing import Final

_PAIRS: Final = """
а a  А a  ӑ a  в b  В b  с c  С c  ԁ d  е e  Е e  ё e  Ё e  һ h  Һ h  н h  Н h  і i  І i  ї i  Ї i  ј j  Ј j  к k  К k
ӏ l  Ӏ l  м m  М m  о o  О o  р p  Р p  ԛ q  Ԛ q  ѕ s  Ѕ s  т t  Т t  у y  У y  ү y  Ү y  ѵ v  Ѵ v  ԝ w  Ԝ w  х x  Х x
ɑ a  ɡ g  ı i  ȷ j  ʟ l  ɴ n  ʀ r  ꜱ s  ᴀ a  ʙ b  ᴄ c  ᴅ d  ᴇ e  ɢ g  ʜ h  ɪ i  ᴊ j  ᴋ k  ᴍ m  ᴏ o  ᴘ p  ᴛ t  ᴜ u
ᴠ v  ᴡ w  ʏ y  ᴢ z  օ o  ո n  ս u  հ h  ց g  զ q  ь b
"""
_GREEK: Final = """
α a  Α a  Β b  β b  ϲ c  Ϲ c  ε e  Ε e  Η h  η n  ι i  Ι i  ϳ j  κ k  Κ k  Μ m  Ν n  ν v  ο o  Ο o  ρ p  Ρ p  τ t  Τ t
υ u  Υ y  ω w  χ x  Χ x  γ y  Ζ z
"""
_LETTERS: Final = """
ß ss  ẞ ss  æ ae  Æ ae  œ oe  Œ oe  ø o  Ø o  ł l  Ł l  đ d  Đ d  ð d  Ð d  þ th  Þ th  ħ h  Ħ h  ŧ t  Ŧ t  ŋ n  Ŋ n
ƒ f  ɓ b  ɗ d  ƙ k  ɨ i  ʉ u
"""


def _table(pairs: str) -> dict[str, str]:
    words = pairs.split()
    return dict(zip(words[::2], words[1::2], strict=True))


LATIN: Final = _table(_PAIRS) | _table(_LETTERS)
"""What counts as a Latin letter always: it does not matter whether it is written small or large."""
GREEK: Final = _table(_GREEK)
"""Only by its shape: a small and a large Greek letter of one name pass for different Latin ones (ν v, Ν n)."""
DISGUISES: Final = frozenset(_table(_PAIRS)) | frozenset(GREEK)
"""Letters that, beside Latin ones in one word, are there to deceive."""
LATIN_SHAPES: Final = GREEK | _table(_PAIRS)
"""The Latin letter, small, that each of `DISGUISES` passes for."""
