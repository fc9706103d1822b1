"""Does a run folder tell the truth: every claim computed anew, without the solvers."""

from gridopt.verification.claims import Falsehood, Verification
from gridopt.verification.run import verify_run

__all__ = ["Falsehood", "Verification", "verify_run"]
