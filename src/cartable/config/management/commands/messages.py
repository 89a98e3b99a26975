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

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it; a check fails where English is not complete."""
        if options["action"] == "extract":
            self.stdout.write(f"{messages.extract_messages()} untranslated")
        elif options["action"] == "compile":
            self.stdout.write(f"{messages.compile_messages()} messages compiled")
        else:
            self._check()

    def _check(self) -> None:
        findings = messages.check_messages()
        for message in findings.missing:
            self.stderr.write(f"missing: {message.place}: {message.text!r}")
        for kind in ("unused", "fuzzy", "broken"):
            for text in getattr(findings, kind):
                self.stderr.write(f"{kind}: {text!r}")
        if not findings.is_clean:
            raise CommandError(
                "The English catalogue does not fit the code: run `cartable messages extract`, then write its English."
            )
