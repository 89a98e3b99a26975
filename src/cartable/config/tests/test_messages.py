"""Nothing that people read escapes translation: what the extraction sees, and what no file may hold."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from cartable.config.messages import PACKAGE_DIRECTORY, check_messages, messages_in_python

# Invented people and lycées, and papers in French that the demo hands out, are data.
DATA = ("/tests/", "/migrations/", "/simulation/")
FRENCH = re.compile(r"[àâçéèêëîïôûœÀÂÇÉÈÊÎÔŒ]|\w’\w|\b(?:le|la|les|une|des|est|pas|pour|avec|dans|aucune?|votre)\b ")
GETTEXT = re.compile(r"^(?:_|n?p?gettext(?:_lazy|_noop)?)$")
# What is the same in both languages, or is written in both.
SAME_IN_BOTH = {"ZPL 203 dpi", "ZPL 300 dpi", "UAI", "Ctrl K", "FR", "EN", "Français", "English"}
WORDS_OF_THE_CODE = {
    "œ", "Œ", "à",  # Folded by kernel.names; « à » is one side of a choice by language.
    "Français",  # The language's own name.
    "[^\\W_]*(?:[ '’-][^\\W_]*)*",  # A pattern of names.
    "&é\"'(-è_çà",  # The digit row of a French keyboard.
    "chez le reparateur",  # A word of other tools' files, as it compares.
}  # fmt: skip
BOTH_LANGUAGES = {"ui/templates/500.html", "notices/words.py", "kernel/gsm.py"}
READ_ALOUD = r'(?:aria-label|title|placeholder|alt|titre|sous|verbe|raison|compte|legende)="([^"]+)"'


def files(suffix: str) -> Iterator[tuple[str, str]]:
    """Yield name and text of the product's own files of a kind."""
    for path in sorted(PACKAGE_DIRECTORY.rglob(f"*{suffix}")):
        name = str(path.relative_to(PACKAGE_DIRECTORY))
        if not any(part in f"/{name}" for part in DATA) and path.name != "conftest.py":
            yield name, path.read_text(encoding="utf-8")


def bare_texts(template: str) -> list[str]:
    """Return what a template says by itself: neither a tag, nor a value, nor a translated text."""
    # A block that only fills the class of the frame is no text.
    template = re.sub(r"{% block (?:page|body)_class %}.*?{% endblock %}", "", template)
    told = re.sub(r"{%\s*(blocktrans\w*|comment)\b.*?{%\s*end\1\s*%}", "", template, flags=re.S)
    told = re.sub(r"<(script|style)\b.*?</\1>|<!--.*?-->", "", told, flags=re.S)
    told = re.sub(r"{%.*?%}|{#.*?#}|{{.*?}}", "", told, flags=re.S)
    texts = [*re.findall(READ_ALOUD, told), *re.sub(r"<[^>]*>", "\n", told, flags=re.S).splitlines()]
    return [text for text in (line.replace("&nbsp;", " ").strip() for line in texts) if re.search(r"[^\W\d_]{2}", text)]


def bare_french(source: str) -> list[str]:
    """Return the French of a Python file that no gettext translates; docstrings and help for programmers aside."""
    tree = ast.parse(source)
    spared: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            spared.add(id(node.value))
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if GETTEXT.match(name):
                spared |= {id(part) for text in node.args for part in ast.walk(text)}
        if isinstance(node, ast.keyword) and node.arg in {"help", "db_comment", "db_table_comment"}:
            spared |= {id(part) for part in ast.walk(node.value)}
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "help":
            spared |= {id(part) for part in ast.walk(node.value)}  # What --help says: English, as is the code.
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    # "Lycée" is a word of the English too.
    return [t.value for t in texts if id(t) not in spared and FRENCH.search(re.sub(r"[Ll]ycées?", "", t.value))]


def test_every_text_of_the_code_has_its_english() -> None:
    found = check_messages()
    assert (found.missing, found.unused, found.fuzzy, found.broken) == ([], [], [], [])


def test_a_text_inside_an_f_string_is_extracted_like_any_other() -> None:
    source = 'f"{name} ({_(\'autre lycée\')})"\nngettext("%(n)s PC pris", "%(n)s PC pris tous", n)\n_(known)'
    assert [(text.text, text.plural, text.place) for text in messages_in_python(source, "a.py")] == [
        ("autre lycée", "", "a.py:1"),
        ("%(n)s PC pris", "%(n)s PC pris tous", "a.py:2"),
    ]


def test_no_template_says_anything_outside_translate() -> None:
    said = {
        (name, text)
        for name, template in files(".html")
        if name not in BOTH_LANGUAGES
        for text in bare_texts(template)
        if text not in SAME_IN_BOTH
    }
    assert said == set()


def test_no_french_stands_in_the_code_outside_gettext() -> None:
    found = {
        (name, text) for name, source in files(".py") if name not in BOTH_LANGUAGES for text in bare_french(source)
    }
    assert {(name, text) for name, text in found if text not in WORDS_OF_THE_CODE} == set()


def test_no_script_of_a_page_says_anything_by_itself() -> None:
    """Scripts take their words from the page: what they paint is never written in them."""
    painted = re.compile(r'(?:textContent|innerText|title|placeholder)\s*=\s*"([^"]*[^\W\d_]{3}[^"]*)"')
    scripts: Iterator[Path] = PACKAGE_DIRECTORY.glob("*/static/**/*.js")
    assert {(path.name, text) for path in scripts for text in painted.findall(path.read_text())} == set()
