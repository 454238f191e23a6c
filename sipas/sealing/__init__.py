"""The daily act that shuffles, strips and fixes the answers; and the check that nothing has changed since."""

from __future__ import annotations

from sipas.sealing.check import Finding, Findings, verify
from sipas.sealing.seal import JOB, SealFailedError, SealReport, SealRunningError, due, seal, seal_when_due

__all__ = ["JOB", "Finding", "Findings", "SealFailedError", "SealReport", "SealRunningError", "due", "seal", "seal_when_due", "verify"]
