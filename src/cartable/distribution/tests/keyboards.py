"""What a host hears when a scanner of one keyboard layout talks to a host of another: keys, places, characters."""

from dataclasses import dataclass

_FRENCH_LETTERS = {"KeyQ": "a", "KeyA": "q", "KeyW": "z", "KeyZ": "w", "Semicolon": "m", "KeyM": ","}
_FRENCH_ROW = dict(zip("1234567890", "&é\"'(-è_çà", strict=True))
_AMERICAN_SHIFTED_ROW = dict(zip("1234567890", "!@#$%^&*()", strict=True))
_AMERICAN_SIGNS = {
    "-": ("Minus", False), "+": ("Equal", True), "/": ("Slash", False), ":": ("Semicolon", True),
    ".": ("Period", False), "#": ("Digit3", True), "$": ("Digit4", True), "%": ("Digit5", True),
    "]": ("BracketRight", False), "?": ("Slash", True), "=": ("Equal", False), ";": ("Semicolon", False),
    "<": ("Comma", True), ">": ("Period", True), "{": ("BracketLeft", True), "}": ("BracketRight", True),
    "*": ("Digit8", True), "(": ("Digit9", True), ")": ("Digit0", True), "'": ("Quote", False),
    " ": ("Space", False), "_": ("Minus", True), "!": ("Digit1", True),
}  # fmt: skip
_FRENCH_CHARACTERS = {"Minus": ")°", "Equal": "=+", "Slash": "!§", "Period": ":/", "Comma": ";.", "BracketRight": "$£"}


@dataclass(frozen=True)
class Key:
    """One key as the browser hears it."""

    char: str
    code: str
    shift: bool = False


def hear(text: str, *, scanner: str = "us", host: str = "us", caps_lock: bool = False) -> list[Key]:
    """Return the keys that a host hears for a label; layouts are "us" and "fr"."""
    return [_heard(*_pressed(character, scanner), host=host, caps_lock=caps_lock) for character in text]


def _pressed(character: str, scanner: str) -> tuple[str, bool]:
    if character.isdigit():
        return f"Digit{character}", scanner == "fr"
    if character.isalpha():
        place = next((code for code, letter in _FRENCH_LETTERS.items() if letter == character.lower()), "")
        code = place if scanner == "fr" and place else f"Key{character.upper()}"
        return code, character.isupper()
    return _AMERICAN_SIGNS[character]


def _heard(code: str, shift: bool, *, host: str, caps_lock: bool) -> Key:
    if code.startswith("Digit"):
        digit = code[-1]
        # On a French host Caps Lock turns the whole row, as Shift does.
        plain = digit if (host == "us" and not shift) or (host == "fr" and shift != caps_lock) else ""
        char = plain or (_AMERICAN_SHIFTED_ROW[digit] if host == "us" else _FRENCH_ROW[digit])
    elif host == "fr" and code in _FRENCH_LETTERS:
        letter = _FRENCH_LETTERS[code]
        char = letter.upper() if shift != caps_lock else letter
    elif code.startswith("Key"):
        char = code[-1].upper() if shift != caps_lock else code[-1].lower()
    elif host == "fr" and code in _FRENCH_CHARACTERS:
        char = _FRENCH_CHARACTERS[code][shift]
    else:
        char = next(sign for sign, pressed in _AMERICAN_SIGNS.items() if pressed == (code, shift))
    return Key(char, code, shift)
