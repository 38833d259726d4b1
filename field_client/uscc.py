"""The check digit of a unified social credit code (GB 32100-2015).

It warns and never blocks: early pilot codes fail it and are real.

>>> check_digit_fits("91350100M000100Y43")
True
>>> check_digit_fits("91350100M0001TGQXM")
False
"""

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18


def check_digit_fits(code: str) -> bool:
    """Whether the 18th character is (31 − Σ aᵢ·3ⁱ mod 31) mod 31."""
    if len(code) != LENGTH or any(char not in ALPHABET for char in code):
        return False
    values = [ALPHABET.index(char) for char in code]
    total = sum(value * pow(3, place, 31) for place, value in enumerate(values[:-1]))
    return values[-1] == -total % 31
