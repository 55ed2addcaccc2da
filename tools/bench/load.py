"""Generate load with wrk, and measure the servers' CPU time and memory."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.helpers.processes import children_of
from tools.bench.servers import Server

SCRIPT = Path(__file__).with_name("load.lua")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Figures:
    """The figures of one round: rate in requests/s, p50, p99 and longest in ms, cpu in µs per request."""

    requests: int
    rate: float
    p50: float
    p99: float
    longest: float
    cpu: float
    failed: int


def put_load_on(server: Server, seconds: int) -> Figures:
    """Run wrk against the server. The CPU time includes the master and its workers."""
    load = {"threads": 1, "connections": server.connections, "duration": f"{seconds}s", "timeout": "30s"}
    command = ["wrk", *(f"--{name}={value}" for name, value in load.items()), f"--script={SCRIPT}"]
    command += [f"--header={name}: {value}" for name, value in server.headers.items()]
    environment = os.environ | ({"BENCH_BODY": server.body} if server.body else {})
    before = cpu_seconds(server.process)
    done = subprocess.run([*command, server.url], env=environment, capture_output=True, text=True, check=True)
    spent = cpu_seconds(server.process) - before
    found = re.search(r"FIGURES (\d+) (\S+) (\S+) (\S+) (\S+) (\d+)", done.stdout)
    if not found or not int(found[1]):
        raise RuntimeError(f"{server.url} gave no response\n{done.stdout}{done.stderr}")
    requests, failed = int(found[1]), int(found[6])
    duration, p50, p99, longest = map(float, found.group(2, 3, 4, 5))
    return Figures(requests, requests / duration, p50, p99, longest, spent / requests * 1e6, failed)


def family(process: int) -> list[int]:
    """Return the PIDs of a process and its children."""
    return [process, *children_of(process)]


def cpu_seconds(process: int) -> float:
    """Return the CPU time (user and system) of a process and its children, including children that have exited."""
    ticks = 0
    for member in family(process):
        fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        own, ended = fields[11:13], fields[13:15]
        ticks += sum(map(int, own + (ended if member == process else [])))
    return ticks / TICKS


def worker_megabytes(process: int) -> float:
    """Return the mean memory of the workers in megabytes, as proportional set size (PSS)."""
    sizes = []
    for worker in family(process)[1:]:
        rollup = Path(f"/proc/{worker}/smaps_rollup").read_text()
        sizes.append(int(re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)[1]) / 1024)
    return sum(sizes) / len(sizes)
