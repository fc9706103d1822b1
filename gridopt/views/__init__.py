"""How a plan is shown: maps, charts, the workbook and the report."""

from gridopt.views.accounts import write_accounts
from gridopt.views.adjustment import plot_adjustment
from gridopt.views.bills import plot_bills, plot_payers
from gridopt.views.boundaries import plot_clarity
from gridopt.views.charts import plot_distances, plot_sizes
from gridopt.views.explore import explore
from gridopt.views.inside import plot_gap, plot_travel
from gridopt.views.maps import plot_map
from gridopt.views.people import plot_load
from gridopt.views.pictures import render_map
from gridopt.views.report import write_report
from gridopt.views.risk import plot_exceedance, plot_tornado
from gridopt.views.scenarios import plot_scenarios
from gridopt.views.standings import plot_results
from gridopt.views.tradeoff import plot_frontier
from gridopt.views.tree import plot_tree
from gridopt.views.workbook import write_workbook

__all__ = [
    "explore",
    "plot_adjustment",
    "plot_bills",
    "plot_clarity",
    "plot_distances",
    "plot_exceedance",
    "plot_frontier",
    "plot_gap",
    "plot_load",
    "plot_map",
    "plot_payers",
    "plot_results",
    "plot_scenarios",
    "plot_sizes",
    "plot_tornado",
    "plot_travel",
    "plot_tree",
    "render_map",
    "write_accounts",
    "write_report",
    "write_workbook",
]
