"""Pure readers of SIECLE's BEE files: students and guardians of a lycée. No Django, no database, no network."""

from cartable.rosters.formats.siecle.archive import Source
from cartable.rosters.formats.siecle.messages import message_of, sentence
from cartable.rosters.formats.siecle.reading import check_expected, read_siecle
from cartable.rosters.formats.siecle.refusals import FileRefused

__all__ = ["FileRefused", "Source", "check_expected", "message_of", "read_siecle", "sentence"]
