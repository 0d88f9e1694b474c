"""Clients that disconnect in the middle of a request, and servers that are killed."""

import contextlib
import http.client
import socket
import threading
import time
import unittest

from serving import service, start


class Disconnects(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = cls.enterClassContext(service())

    def begin(self, path, announced, sent):
        """Begins a request, and waits until the service has read the sent part."""
        method = "POST" if path == "/sort" else "PUT"
        connection = self.service.connect()
        head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {announced}\r\n\r\n"
        connection.sendall(head.encode() + b"a line\n" * (sent // 7))
        time.sleep(0.3)
        return connection

    def test_a_disconnected_upload_in_memory_leaves_nothing(self):
        self.begin("/broken", 1000, 500).close()

        self.assertTrue(self.service.settles_to(), self.service.entries())

    def test_a_disconnected_upload_on_disk_leaves_nothing(self):
        connection = self.begin("/broken", 10 << 20, 5 << 20)
        self.assertTrue(self.service.opens_a_file(), "nothing was on disk yet")
        # During the upload the file has no name.
        self.assertEqual(self.service.entries(), [])

        connection.close()

        self.assertTrue(self.service.settles_to(), self.service.open_files())

    def test_a_reset_upload_leaves_nothing(self):
        connection = self.begin("/reset", 10 << 20, 5 << 20)

        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()

        self.assertTrue(self.service.settles_to(), self.service.open_files())

    def test_fifty_uploads_disconnected_at_once_leave_nothing(self):
        connections = [self.begin_at_once(index) for index in range(50)]
        time.sleep(0.5)

        for connection in connections:
            connection.close()

        self.assertTrue(self.service.settles_to(), self.service.open_files())

    def begin_at_once(self, index):
        connection = self.service.connect()
        connection.sendall(f"PUT /many-{index} HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n".encode())
        connection.sendall(bytes(200_000))
        return connection

    def test_a_body_that_is_too_short_is_refused_and_not_stored(self):
        with self.service.connect() as connection:
            connection.sendall(b"PUT /short HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345")
            connection.shutdown(socket.SHUT_WR)
            answer = connection.recv(4096)

        # The host may close the connection without a response. The file is never stored.
        self.assertIn(answer[:12], (b"", b"HTTP/1.1 400"))
        self.assertTrue(self.service.settles_to(), self.service.entries())

    def test_a_disconnected_sort_leaves_nothing(self):
        connection = self.begin("/sort", 10 << 20, 5 << 20)
        self.assertTrue(self.service.opens_a_file(), "nothing was on disk yet")

        connection.close()

        self.assertTrue(self.service.settles_to(), self.service.open_files())

    def test_sorted_lines_that_the_client_does_not_read_leave_nothing(self):
        with self.service.connect() as connection:
            lines = b"a line\n" * 1_000_000
            connection.sendall(f"POST /sort HTTP/1.1\r\nHost: x\r\nContent-Length: {len(lines)}\r\n\r\n".encode() + lines)
            connection.recv(1000)

        self.assertTrue(self.service.settles_to(), self.service.open_files())

    def test_a_disconnected_download_leaves_no_open_file(self):
        (self.service.storage / "large").write_bytes(bytes(64 << 20))
        self.addCleanup((self.service.storage / "large").unlink)
        with self.service.connect() as connection:
            connection.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
            connection.recv(1000)

        self.assertTrue(self.service.settles_to("large"), self.service.open_files())

    def test_the_service_works_after_all_disconnects(self):
        self.begin("/broken", 1000, 500).close()

        self.assertEqual(self.service.request("GET", "/healthz")[0], 200)


class Kills(unittest.TestCase):
    def test_a_server_killed_during_an_upload_leaves_nothing(self):
        with service() as killed:
            connection = killed.connect()
            connection.sendall(b"PUT /killed HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n" + bytes(4_000_000))
            time.sleep(0.3)
            self.assertTrue(killed.opens_a_file(), "nothing was on disk yet")

            killed.process.kill()
            killed.process.wait()
            connection.close()

            self.assertEqual(killed.entries(), [])

    def test_what_a_server_killed_during_a_copy_left_is_swept_at_the_next_start(self):
        with service() as killed:
            (killed.storage / "stored").write_bytes(b"content")
            sender = threading.Thread(target=self.send, args=(killed, bytes(300 << 20)))
            sender.start()
            # The copy into the storage directory is the only part of an upload with a name there.
            while killed.entries() == ["stored"] and sender.is_alive():
                time.sleep(0.001)
            killed.process.kill()
            killed.process.wait()
            sender.join()
            self.assertEqual(len(killed.entries()), 2, "it was not killed during the copy")
            time.sleep(1.1)

            again = start(killed.storage.parent, UPLOAD_SWEEP_OLDER_THAN="1s")
            self.addCleanup(again.process.wait)
            self.addCleanup(again.process.kill)
            self.assertEqual(again.request("PUT", "/next", b"content")[0], 201)

            self.assertEqual(again.entries(), ["next", "stored"])

    def send(self, server, content):
        with contextlib.suppress(OSError, http.client.HTTPException):
            server.request("PUT", "/copied", content)


if __name__ == "__main__":
    unittest.main()
