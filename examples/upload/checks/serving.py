"""Starts the composed service under `wasmtime serve` for a test, and talks to it."""

import contextlib
import ctypes
import http.client
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time

SERVICE = os.environ.get("UPLOAD_SERVICE", "target/upload/service.cwasm")
PR_SET_PDEATHSIG = 1
WITHOUT_OVERRIDE = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]


def end_with_parent():
    # No server outlives the tests, even if they are killed.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Service:
    """A running service: its directories on the host, and requests to it."""

    def __init__(self, process, port, root):
        self.process, self.port = process, port
        self.storage, self.scratch = root / "storage", root / "scratch"

    def request(self, method, path, body=None, **fields):
        """Sends one request; returns status, body and fields. `_` in names of fields is `-`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            fields = {name.replace("_", "-"): value for name, value in fields.items()}
            # An iterator is sent in chunks and without a length.
            connection.request(method, path, body, fields, encode_chunked=not isinstance(body, (bytes, type(None))))
            response = connection.getresponse()
            return response.status, response.read(), response.headers

    def connect(self):
        """Opens a connection for raw requests."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def entries(self):
        """Returns the names of all entries, including temporary ones."""
        directories = [directory for directory in (self.storage, self.scratch) if directory.is_dir()]
        return sorted(entry for directory in directories for entry in os.listdir(directory))

    def settles_to(self, *entries):
        """Waits until there are exactly these entries and no other open files; returns whether it succeeds."""
        for _ in range(100):
            if self.entries() == sorted(entries) and not self.open_files():
                return True
            time.sleep(0.05)
        return False

    def opens_a_file(self):
        """Waits until the server has opened a file; returns whether it does."""
        for _ in range(100):
            if self.open_files():
                return True
            time.sleep(0.05)
        return False

    def open_files(self):
        """Returns the server's open files in both directories, including files without a name."""
        opened = []
        for descriptor in pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                target = os.readlink(descriptor)
                inside = any(target.startswith(f"{directory}/") for directory in (self.storage, self.scratch))
                if inside:
                    opened.append(target)
        return opened


@contextlib.contextmanager
def service(*flags, **how):
    """Runs a service with its own directories until the end of the block; `how` as in `start`."""
    with tempfile.TemporaryDirectory(prefix="upload-check-") as root:
        started = start(pathlib.Path(root), *flags, **how)
        try:
            yield started
        finally:
            started.process.kill()
            started.process.wait()


def start(
    root, *flags, directories=("storage::/data", "scratch::/tmp"), bound_by_modes=False, under=(), **variables
):
    """Starts a service with these directories below `root` and these variables.

    Modes of files bind root too if `bound_by_modes` says so. It is run by the command `under`, which has to
    become the server. It ends with this process at the latest.
    """
    for name in ("storage", "scratch"):
        (root / name).mkdir(exist_ok=True)
    command = WITHOUT_OVERRIDE if bound_by_modes and os.geteuid() == 0 else []
    command = [*under, *command, "wasmtime", "serve", "--allow-precompiled", "-Scli", "--addr", "127.0.0.1:0", *flags]
    for directory in directories:
        command += ["--dir", f"{root}/{directory}"]
    for name, value in variables.items():
        command += ["--env", f"{name}={value}"]
    with tempfile.NamedTemporaryFile(mode="r", prefix="log-", dir=root) as log, open(log.name, "w") as said:
        process = subprocess.Popen([*command, SERVICE], stderr=said, preexec_fn=end_with_parent)
        return Service(process, _port(process, log), root)


def _port(process, log):
    said = ""
    for _ in range(600):
        said += log.read()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", said)
        if found:
            return int(found[1])
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"the server did not start: {said}")
