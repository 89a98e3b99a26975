"""Pure readers of SIECLE's BEE files: students and guardians of a lycée. No Django, no database, no network."""

from cartable.rosters.formats.archive import Source
from cartable.rosters.formats.messages import message_of, sentence
from cartable.rosters.formats.refusals import FileRefused
from cartable.rosters.formats.siecle.reading import check_expected, read_siecle

__all__ = ["FileRefused", "Source", "check_expected", "message_of", "read_siecle", "sentence"]
