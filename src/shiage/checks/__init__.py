"""Inspection of painted cuts (仕上検査): what a person would have to look for pixel by pixel."""

from shiage.checks.cut import check_cel, check_cut
from shiage.checks.findings import KINDS, CutChecks, Finding, Kind, LeftOut, Severity
from shiage.checks.settings import CheckSettings

__all__ = [
    "KINDS",
    "CheckSettings",
    "CutChecks",
    "Finding",
    "Kind",
    "LeftOut",
    "Severity",
    "check_cel",
    "check_cut",
]
