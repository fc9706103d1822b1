"""How a plan is shown: maps, charts, the workbook and the report."""

from gridopt.views.accounts import write_accounts
from gridopt.views.adjustment import plot_adjustment
from gridopt.views.charts import plot_sizes
from gridopt.views.maps import plot_map
from gridopt.views.report import write_report
from gridopt.views.risk import plot_bills, plot_exceedance, plot_tornado
from gridopt.views.tradeoff import plot_frontier
from gridopt.views.workbook import write_workbook

__all__ = [
    "plot_bills",
    "plot_exceedance",
    "plot_frontier",
    "plot_map",
    "plot_adjustment",
    "plot_sizes",
    "plot_tornado",
    "write_accounts",
    "write_report",
    "write_workbook",
]
