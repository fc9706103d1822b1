"""How uncertain the bill is: chances of passing, the bill's distribution, draws."""

from gridopt.appraisal.model import PassModel

__all__ = ["PassModel"]
