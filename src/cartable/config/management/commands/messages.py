"""``cartable messages extract|compile|check``: French in the code, English in the catalogue."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cartable.config import messages


class Command(BaseCommand):
    """Texts of the product."""

    help = "Extracts, checks or compiles the texts of the product (French in the code, English in the catalogue)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what to do."""
        parser.add_argument("action", choices=["extract", "compile", "check"])
        parser.add_argument(
            "--count-missing", action="store_true", help="check: count untranslated texts instead of failing on them"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it; a check fails where English is not complete."""
        if options["action"] == "extract":
            self.stdout.write(f"{messages.extract_messages()} untranslated")
        elif options["action"] == "compile":
            self.stdout.write(f"{messages.compile_messages()} messages compiled")
        else:
            self._check(count_missing=options["count_missing"])

    def _check(self, *, count_missing: bool) -> None:
        findings = messages.check_messages()
        if count_missing and findings.missing:
            self.stderr.write(f"{len(findings.missing)} texts have no English yet")
            findings.missing.clear()
        for message in findings.missing:
            self.stderr.write(f"missing: {message.place}: {message.text!r}")
        for kind in ("unused", "fuzzy", "broken"):
            for text in getattr(findings, kind):
                self.stderr.write(f"{kind}: {text!r}")
        if not findings.is_clean:
            raise CommandError("The English catalogue does not fit the code: run `cartable messages extract`.")
