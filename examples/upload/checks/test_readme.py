"""The commands of the README."""

import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

from serving import SERVICE, end_with_parent

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]


def shown(heading):
    """Returns the commands under a heading of the README."""
    text = (REPOSITORY / "examples/upload/README.md").read_text()
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    # A command that ends with a backslash goes on in the next line.
    lines = section.replace("\\\n", "").splitlines()
    return [line.strip() for line in lines if line.startswith("    ")]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@unittest.skipUnless(shutil.which("curl"), "curl is needed")
class Readme(unittest.TestCase):
    def test_the_commands_of_the_readme_run_the_service(self):
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="upload-check-"))
        os.mkdir(f"{folder}/target")
        os.symlink(pathlib.Path(SERVICE).resolve().parent, f"{folder}/target/upload")
        os.symlink(REPOSITORY / "README.md", f"{folder}/README.md")
        port = free_port()
        make, serve, put, get, sort = (line.replace("8080", str(port)) for line in shown("Run it")[:5])

        subprocess.run(make, shell=True, cwd=folder, check=True)
        server = subprocess.Popen(
            f"exec {serve}", shell=True, cwd=folder, stderr=subprocess.DEVNULL, preexec_fn=end_with_parent
        )
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        self.assertTrue(self.listens(port), "the server did not start")
        readme = (REPOSITORY / "README.md").read_bytes()

        self.assertEqual(self.answer(f"{put.split('#')[0]} --write-out '%{{http_code}}'", folder), b"201")
        self.assertEqual(self.answer(get, folder), readme)
        self.assertEqual(self.answer(sort, folder), b"".join(sorted(readme.splitlines(keepends=True))))

    def answer(self, command, folder):
        done = subprocess.run(command, shell=True, cwd=folder, check=True, capture_output=True, timeout=30)
        return done.stdout

    def listens(self, port):
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                return True
            except ConnectionRefusedError:
                time.sleep(0.05)
        return False


if __name__ == "__main__":
    unittest.main()
