"""The torture of the trade (`cartable ledger torture`): the commands of every package beside a plain model of who has what.

`world` is the model, `roads`, `desks` and `workshops` are the gestures, `stage` plays them on both sides.
"""

from cartable.fleet.torture import Part
from cartable.simulation.torture.stage import TradeStage, set_the_stage

PART = Part("trade", set_the_stage, TradeStage, compare_every=1_000, audit_every=500)
