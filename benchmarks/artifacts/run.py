#!/usr/bin/env python3
"""Throughput of one large file through this server, nginx (WebDAV module) and a bare Kestrel copy loop, in turn, on this machine.

run.py [--size MIB] [--rounds N] [--output FILE.md]. Needs dotnet, curl and nginx. Every server writes to the same file system.
"""

import argparse
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_seconds(pid):
    """User and system time of a process and of all its children."""
    total = 0.0
    for candidate in [pid, *children(pid)]:
        fields = pathlib.Path(f"/proc/{candidate}/stat").read_text().rsplit(")", 1)[1].split()
        total += (int(fields[11]) + int(fields[12])) / TICKS
    return total


def peak_memory(pid):
    sizes = []
    for candidate in [pid, *children(pid)]:
        status = pathlib.Path(f"/proc/{candidate}/status").read_text()
        sizes += [int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmHWM")]
    return sum(sizes)


def children(pid):
    found = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [child for each in map(int, found) for child in [each, *children(each)]]


class Server:
    """A server that is being measured: its name, how it is started, and the address of the file."""

    def __init__(self, name, command, port, address):
        self.name, self.port, self.address = name, port, address
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.times = {"PUT": [], "GET": []}
        self.cpu = {"PUT": [], "GET": []}

    def wait(self):
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self.process.poll() is not None:
                raise SystemExit(f"{self.name} did not start")
            time.sleep(0.1)
        raise SystemExit(f"{self.name} does not listen")

    def move(self, method, file):
        before = cpu_seconds(self.process.pid)
        transfer = ["-T", str(file)] if method == "PUT" else ["-o", os.devnull]
        out = subprocess.run(
            ["curl", "-sf", "-H", "Expect:", *transfer, *(["-o", os.devnull] if method == "PUT" else []), "-w", "%{time_total}", self.address],
            check=True, capture_output=True, text=True).stdout
        self.times[method].append(float(out))
        self.cpu[method].append(cpu_seconds(self.process.pid) - before)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def start_nginx(work):
    port = free_port()
    (work / "nginx" / "files").mkdir(parents=True)
    config = work / "nginx" / "nginx.conf"
    config.write_text(f"""
daemon off; pid {work}/nginx/pid; error_log {work}/nginx/error.log; worker_processes auto; user root;
events {{ }}
http {{
  access_log off; sendfile on; client_max_body_size 0; client_body_temp_path {work}/nginx/tmp;
  server {{ listen 127.0.0.1:{port}; root {work}/nginx/files; location / {{ dav_methods PUT; create_full_put_path on; }} }}
}}
""")
    return Server("nginx", ["nginx", "-c", str(config)], port, f"http://127.0.0.1:{port}/file")


def start_copy_loop(work):
    port = free_port()
    (work / "loop").mkdir()
    subprocess.run(
        ["dotnet", "publish", str(HERE / "copyloop.cs"), "-c", "Release", "-o", str(work / "copyloop"), "-p:PublishAot=false", "-v", "q", "--nologo"],
        check=True, stdout=subprocess.DEVNULL)
    return Server("copy loop", ["dotnet", str(work / "copyloop" / "copyloop.dll"), str(port), str(work / "loop")], port, f"http://127.0.0.1:{port}/file")


def start_own(work):
    port = free_port()
    subprocess.run(
        ["dotnet", "publish", str(ROOT / "src/ModelRegistry.Server"), "-c", "Release", "-o", str(work / "server"), "-v", "q", "--nologo",
         "-p:RunAnalyzers=false"],
        check=True, stdout=subprocess.DEVNULL)
    return Server(
        "ModelRegistry",
        ["dotnet", str(work / "server/ModelRegistry.Server.dll"), "serve", "--port", str(port), "--backend-store-uri", f"sqlite:///{work}/bench.db",
         "--artifacts-destination", str(work / "artifacts"), "--ui-dir", "none"],
        port, f"http://127.0.0.1:{port}/api/2.0/mlflow-artifacts/artifacts/file")


def report(servers, size, rounds):
    lines = [
        f"{size} MiB, {rounds} rounds in turn, {os.cpu_count()} processors; median of MiB/s, in brackets the best, and CPU seconds of the server per GiB.",
        "nginx neither flushes to disk nor computes a digest; the copy loop flushes; this server flushes and computes SHA-256.", "",
        "| | PUT | GET | CPU PUT | CPU GET | peak memory |", "|---|---|---|---|---|---|"]
    rates = {}
    for server in servers:
        row = [server.name]
        for method in ("PUT", "GET"):
            rates[server.name, method] = size / statistics.median(server.times[method])
            row.append(f"{rates[server.name, method]:.0f} ({size / min(server.times[method]):.0f})")
        row += [f"{statistics.median(server.cpu[method]) * 1024 / size:.2f}" for method in ("PUT", "GET")]
        lines.append("| " + " | ".join([*row, f"{server.memory} MiB"]) + " |")
    own = servers[-1].name
    for other in servers[:-1]:
        ratios = ", ".join(f"{method} {rates[own, method] / rates[other.name, method]:.2f}" for method in ("PUT", "GET"))
        lines.append(f"\nratio to {other.name}: {ratios}")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--output")
    options = parser.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="artifact-bench-"))
    servers = []
    try:
        content = work / "content"
        with content.open("wb") as file:
            for _ in range(options.size):
                file.write(os.urandom(1 << 20))
        for start in (start_nginx, start_copy_loop, start_own):
            servers.append(start(work))
            servers[-1].wait()
        for _ in range(options.rounds):
            for method in ("PUT", "GET"):
                for server in servers:
                    os.sync()
                    server.move(method, content)
        for server in servers:
            server.memory = peak_memory(server.process.pid)
        text = report(servers, options.size, options.rounds)
        print(text)
        if options.output:
            pathlib.Path(options.output).write_text(text + "\n")
    finally:
        for server in servers:
            server.stop()
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
