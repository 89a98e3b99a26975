"""How students are named for matching, and when a list is too different to be believed. Pure decisions."""

from cartable.kernel.names import folded

# RELIABILITY P33: more than one student in five gone is a wrong or cut file until a second person says otherwise.
LARGEST_SHARE_GONE = 0.2


def search_name(family_name: str, usage_name: str, given_name: str) -> str:
    """Return all names of a student as search finds them: folded, family name first."""
    return " ".join(filter(None, map(folded, (family_name, usage_name, given_name))))


def match_key(family_name: str, given_name: str) -> str:
    """Return birth name and first name as matching compares them; the usage name may change from year to year."""
    return f"{folded(family_name)}|{folded(given_name)}"


def needs_second_person(*, gone: int, enrolled: int) -> bool:
    """Say whether so many students would be gone that a second person must confirm."""
    return gone > enrolled * LARGEST_SHARE_GONE and gone > 5
