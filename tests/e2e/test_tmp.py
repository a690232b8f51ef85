from __future__ import annotations
import time
from tests.e2e.world import World, connected
def test_time(simulators, transactional_db, settings):
    for i in range(1):
        t=time.time(); c=time.process_time()
        def lap(n):
            nonlocal t,c
            print(n, round(time.time()-t,3), round(time.process_time()-c,3)); t=time.time(); c=time.process_time()
        w=connected(simulators, settings); lap("connected")
        w.run("collect"); lap("collect")
        w.map_all(); lap("map")
        p=w.planned(); lap("sync")
        w.approve(p); lap("approve")
        r=w.apply(p); lap("apply"); print(r.seconds)
        r=w.sync(); lap("sync2"); print(r.seconds)
