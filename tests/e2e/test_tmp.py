from tests.e2e.test_bad_input import *
from tests.e2e.test_scenarios import more, changes
def test_d(world):
    more(world)
    plan=world.planned(); world.approve(plan)
    world.simulators.connectwise.switch(permissions={"agreements": "I"})
    r=world.apply(plan); print(r.state, exit_status(r), r.error, r.calls, {k:v for k,v in r.outcomes.items() if v}, r.seconds)
    for c in changes(plan):
        print(c.outcome, c.answer, advice.error_text(c.answer["code"], c.answer["fields"]))
    world.simulators.connectwise.switch(permissions={"agreements": "IAED"})
    plan.refresh_from_db(); print(plan.state)
    r=world.apply(plan); print(r.state, exit_status(r), r.converged)
    world.simulators.connectwise.switch(permissions={"agreements": ""})
    r=world.sync(); print(r.state, exit_status(r), sentence(r))
    world.simulators.connectwise.switch(permissions={"agreements": "IAED","catalog":""})
    r=world.sync(); print(r.state, exit_status(r), sentence(r))
    world.psa.faults({"route":"*","kind":"401"})
    r=world.sync(); print(r.state, exit_status(r), sentence(r))
    world.psa.faults()
    more(world); plan=world.planned(); world.approve(plan)
    world.psa.faults({"route":"*","method":"PATCH","kind":"401"})
    r=world.apply(plan); print(r.state, exit_status(r), r.error, r.calls, {k:v for k,v in r.outcomes.items() if v}, r.seconds)
    for c in changes(plan):
        print(c.outcome, c.answer, advice.error_text(c.answer["code"], c.answer["fields"]))
