"""Serves both simulated systems in one process and one event loop until it is told to stop."""

import asyncio
import contextlib
import logging
import signal
import socket
import ssl
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import trustme
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from truecount.simulator.clock import Clock
from truecount.simulator.connectwise import ConnectWise
from truecount.simulator.control import Control
from truecount.simulator.faults import Faults
from truecount.simulator.front import HANG_UP, Front
from truecount.simulator.options import SimulatorOptions
from truecount.simulator.sophos import Sophos
from truecount.simulator.switches import Switches
from truecount.simulator.world import make_world
from truecount.simulator.world_psa import filler

HOST = "127.0.0.1"
KEEP_ALIVE = 120


class HangUpProtocol(HttpToolsProtocol):
    """Lets an application close its connection without an answer."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"][HANG_UP] = self.transport.abort


class QuietServer(uvicorn.Server):
    """Leaves signals to `run`, which stops all servers together."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def build(options: SimulatorOptions) -> tuple[Front, Front]:
    """The applications of ConnectWise and Sophos over one world, clock and switches."""
    clock, switches = Clock(options.now), Switches()
    world = make_world(seed=options.seed, customers=options.customers, start=options.now)
    fill = filler(world, options.agreements, options.additions)
    connectwise = ConnectWise(clock=clock, switches=switches, fill=fill)
    sophos = Sophos(clock=clock, switches=switches, world=world)
    control = Control(clock=clock, switches=switches, connectwise=connectwise, sophos=sophos)
    latency = options.latency_ms / 1000
    fronts = (
        Front(system=connectwise, control=control, faults=Faults(f"{options.seed}/psa"), latency=latency),
        Front(system=sophos, control=control, faults=Faults(f"{options.seed}/vendor"), latency=latency),
    )
    control.fronts += fronts
    return fronts


def make_certificate(folder: Path) -> Path:
    """A certificate for this machine with its key, in one file; clients are to trust this very file."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA(organization_name="Truecount simulator")
    leaf = authority.issue_cert("127.0.0.1", "localhost", "::1")
    chain = folder / "simulator-server.pem"
    leaf.private_key_and_cert_chain_pem.write_to_path(chain)
    chain.chmod(0o600)
    authority.cert_pem.write_to_path(folder / "simulator-ca.pem")
    return folder / "simulator-ca.pem"


def _listener(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    listener.listen(512)
    listener.setblocking(False)
    return listener


def _server(app: Any, chain: Path | None = None) -> QuietServer:
    config = uvicorn.Config(
        app,
        http=HangUpProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=1,
        ssl_certfile=chain,
        ssl_version=ssl.PROTOCOL_TLS_SERVER,
    )
    return QuietServer(config)


async def _serve(options: SimulatorOptions, folder: Path) -> None:
    listeners = [_listener(port) for port in _ports(options)]
    certificate = make_certificate(folder)
    connectwise, sophos = build(options)
    chain = folder / "simulator-server.pem"
    servers = [_server(connectwise), _server(connectwise, chain), _server(sophos)]
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _stop, servers)
    tasks = [
        asyncio.create_task(server.serve(sockets=[listener]))
        for server, listener in zip(servers, listeners, strict=True)
    ]
    while not all(server.started for server in servers) and not any(task.done() for task in tasks):
        await asyncio.sleep(0.01)
    http, tls, vendor = (listener.getsockname()[1] for listener in listeners)
    line = f"ready connectwise=http://{HOST}:{http} tls={HOST}:{tls} sophos=http://{HOST}:{vendor}"
    sys.stdout.write(f"{line} certificate={certificate}\n")
    sys.stdout.flush()
    await asyncio.gather(*tasks)


def _ports(options: SimulatorOptions) -> tuple[int, int, int]:
    return options.connectwise_port, options.connectwise_tls_port, options.sophos_port


def _stop(servers: list[QuietServer]) -> None:
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # calls that hang are cancelled without a word
    for server in servers:
        server.should_exit = True


def run(options: SimulatorOptions) -> None:
    """Prints one line `ready …` when all answer, returns after SIGINT or SIGTERM; raises OSError for taken ports."""
    with contextlib.ExitStack() as stack:
        folder = options.certificates
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="truecount-simulator-")))
        loop_factory = None
        with contextlib.suppress(ImportError):
            import uvloop

            loop_factory = uvloop.new_event_loop
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            runner.run(_serve(options, folder.absolute()))
