"""What the award rule says of members: stars and yuan, in integers."""

from gridopt.awards.rules import AwardRules
from gridopt.awards.settlement import Awards, settle_awards

__all__ = ["AwardRules", "Awards", "settle_awards"]
