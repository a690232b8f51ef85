from __future__ import annotations
from tests.e2e.world import World
from truecount.store.models import Plan

def test_again(world: World) -> None:
    p = Plan.objects.order_by("pk").first()
    print(p.counts, [(c.kind, c.agreement, c.item, c.before, c.after) for c in p.changes.all()], [h.kind for h in p.holds.all()])
    run = world.sync()
    print(run.state, run.calls, run.converged, run.outcomes, run.seconds, [ (f.kind,f.fields) for f in world.findings()])
def test_again2(world: World) -> None:
    pass
def test_again3(world: World) -> None:
    pass
