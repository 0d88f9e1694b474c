"""The endpoints that store and send files."""

import base64
import concurrent.futures
import hashlib
import http.client
import os
import unittest

from serving import service


def digest(content):
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


class Uploads(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = cls.enterClassContext(service(UPLOAD_MAX_BYTES="4M"))

    def put(self, name, content, **fields):
        status, body, _ = self.service.request("PUT", f"/{name}", content, **fields)
        return status, body.decode()

    def assert_nothing_of(self, name):
        self.assertEqual(self.service.request("GET", f"/{name}")[0], 404)
        kept = [entry for entry in self.service.entries() if entry != name]
        self.assertTrue(self.service.settles_to(*kept), self.service.entries())

    def test_a_stored_file_is_sent_unchanged(self):
        for name, size in (("empty", 0), ("one", 1), ("in-memory", 65536), ("on-disk", 65537), ("large", 4 << 20)):
            content = os.urandom(size)

            self.assertEqual(self.put(name, content), (201, ""))

            status, body, fields = self.service.request("GET", f"/{name}")
            self.assertEqual(status, 200)
            self.assertTrue(body == content, name)
            self.assertEqual(fields["Content-Length"], str(size))
            self.assertEqual((self.service.storage / name).read_bytes(), content)

    def test_a_second_upload_replaces_the_first(self):
        self.assertEqual(self.put("twice", b"first")[0], 201)
        self.assertEqual(self.put("twice", b"second")[0], 204)

        self.assertEqual(self.service.request("GET", "/twice")[1], b"second")

    def test_a_body_in_chunks_needs_no_length(self):
        pieces = [os.urandom(size) for size in (1, 100_000, 70_000)]

        self.assertEqual(self.put("chunked", iter(pieces))[0], 201)

        self.assertEqual(self.service.request("GET", "/chunked")[1], b"".join(pieces))

    def test_a_correct_digest_is_accepted_in_either_field(self):
        content = os.urandom(200_000)

        self.assertEqual(self.put("digest", content, Repr_Digest=digest(content))[0], 201)
        self.assertEqual(self.put("digest", content, Content_Digest=digest(content))[0], 204)

    def test_a_wrong_digest_stores_nothing(self):
        for size in (10, 200_000):
            status, message = self.put("wrong", os.urandom(size), Repr_Digest=digest(b"other"))

            self.assertEqual(status, 422)
            self.assertIn("SHA-256", message)
            self.assert_nothing_of("wrong")

    def test_a_wrong_digest_keeps_the_earlier_file(self):
        self.put("kept", b"before")

        self.assertEqual(self.put("kept", b"after", Repr_Digest=digest(b"other"))[0], 422)

        self.assertEqual(self.service.request("GET", "/kept")[1], b"before")

    def test_a_malformed_digest_is_refused(self):
        status, message = self.put("none", b"content", Repr_Digest="sha-256=:AAAA:")

        self.assertEqual(status, 400)
        self.assertIn("32 bytes", message)
        self.assert_nothing_of("none")

    def test_a_body_above_the_limit_is_refused_with_and_without_a_length(self):
        content = bytes((4 << 20) + 1)
        for body in (content, iter([content[:1_000_000]] * 5)):
            status, message = self.put("huge", body)

            self.assertEqual(status, 413)
            self.assertIn("larger than the limit of 4194304 bytes", message)
            self.assert_nothing_of("huge")

    def test_a_client_that_expects_100_continue_is_refused_before_it_sends(self):
        with self.service.connect() as connection:
            connection.sendall(
                b"PUT /asked HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9999999\r\n\r\n"
            )
            self.assertIn(b" 413 ", connection.recv(4096).splitlines()[0])

    def test_a_client_that_expects_100_continue_gets_it(self):
        with self.service.connect() as connection:
            connection.sendall(b"PUT /asked HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            self.assertIn(b" 100 ", connection.recv(4096).splitlines()[0])
            connection.sendall(b"ok")
            self.assertIn(b" 201 ", connection.recv(4096).splitlines()[0])

    def test_invalid_names_are_refused_with_the_reason(self):
        for name, fault in (
            ("a/b", "separator"),
            ("..%2Fescape", "separator"),
            ("..", "dot at the beginning"),
            (".hidden", "dot at the beginning"),
            ("%00", "control"),
            ("NUL.txt", "device"),
            ("%ff", "UTF-8"),
            ("x" * 256, "255"),
        ):
            status, message = self.put(name, b"content")

            self.assertEqual(status, 400, name)
            self.assertIn(fault, message)

    def test_names_may_contain_spaces_and_letters_of_any_script(self):
        self.assertEqual(self.put("t%C3%A4glich%20neu.txt", b"content")[0], 201)

        self.assertIn("täglich neu.txt", self.service.entries())
        self.assertEqual(self.service.request("GET", "/t%c3%a4glich%20neu.txt")[1], b"content")

    def test_a_directory_is_neither_sent_nor_replaced(self):
        (self.service.storage / "directory").mkdir()
        self.addCleanup((self.service.storage / "directory").rmdir)

        self.assertEqual(self.service.request("GET", "/directory")[0], 404)
        self.assertEqual(self.put("directory", b"content")[0], 409)

    def test_a_link_is_neither_followed_nor_replaced(self):
        (self.service.storage / "link").symlink_to("/etc/passwd")
        self.addCleanup((self.service.storage / "link").unlink)

        self.assertEqual(self.service.request("GET", "/link")[0], 404)
        self.assertEqual(self.put("link", b"content")[0], 409)

    def test_a_part_of_a_file_is_refused(self):
        self.assertEqual(self.put("part", b"content", Content_Range="bytes 0-6/100")[0], 400)

    def test_an_upload_that_may_only_create_replaces_nothing(self):
        self.assertEqual(self.put("created", b"first", If_None_Match="*")[0], 201)

        self.assertEqual(self.put("created", b"second", If_None_Match="*")[0], 412)

        self.assertEqual(self.service.request("GET", "/created")[1], b"first")

    def test_one_of_many_uploads_that_may_only_create_succeeds(self):
        def put(content):
            return self.put("race", content, If_None_Match="*")[0]

        contents = [bytes([number]) * 100_000 for number in range(20)]
        with concurrent.futures.ThreadPoolExecutor(len(contents)) as pool:
            statuses = list(pool.map(put, contents))

        self.assertEqual(sorted(statuses), [201] + [412] * 19)
        self.assertEqual(self.service.request("GET", "/race")[1], contents[statuses.index(201)])

    def test_an_upload_that_may_only_replace_creates_nothing(self):
        self.assertEqual(self.put("replaced", b"first", If_Match="*")[0], 412)
        self.assert_nothing_of("replaced")
        self.put("replaced", b"first")

        self.assertEqual(self.put("replaced", b"second", If_Match="*")[0], 204)

    def test_no_file_has_the_tag_that_a_client_expects(self):
        self.put("tagged", b"first")

        self.assertEqual(self.put("tagged", b"second", If_Match='"tag"')[0], 412)

        self.assertEqual(self.service.request("GET", "/tagged")[1], b"first")

    def put_with_trailer(self, path, content, announced, fields=b"Transfer-Encoding: chunked\r\n"):
        """Sends a body in one chunk with a digest after it; returns the status."""
        head = f"PUT {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n".encode() + fields + b"\r\n"
        body = f"{len(content):x}\r\n".encode() + content + b"\r\n0\r\n"
        with self.service.connect() as connection:
            connection.sendall(head + body + f"Repr-Digest: {announced}\r\n\r\n".encode())
            return int(connection.recv(4096).split()[1])

    def test_a_digest_in_a_trailer_is_checked(self):
        for fields in (b"", b"Trailer: Repr-Digest\r\n"):
            fields += b"Transfer-Encoding: chunked\r\n"
            for size in (10, 200_000):
                content = os.urandom(size)

                self.assertEqual(self.put_with_trailer("/trailed", content, digest(b"other"), fields), 422)
                self.assert_nothing_of("trailed")
                self.assertEqual(self.put_with_trailer("/trailed", content, digest(content), fields), 201)
                (self.service.storage / "trailed").unlink()

    def test_a_malformed_digest_in_a_trailer_is_refused(self):
        self.assertEqual(self.put_with_trailer("/malformed", b"content", "sha-256=:AAAA:"), 400)
        self.assert_nothing_of("malformed")

    def test_other_methods_are_refused_with_a_list_of_the_supported_ones(self):
        for method, path, allowed in (("DELETE", "/x", "GET, HEAD, PUT"), ("GET", "/sort", "POST")):
            status, _, fields = self.service.request(method, path)

            self.assertEqual((status, fields["Allow"]), (405, allowed))

    def test_head_returns_the_length_without_the_content(self):
        self.put("head", b"content")

        status, body, fields = self.service.request("HEAD", "/head")

        self.assertEqual((status, body, fields["Content-Length"]), (200, b"", "7"))

    def test_one_connection_serves_many_requests(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=30)
        self.addCleanup(connection.close)
        for method, status in (("PUT", (201, 204)), ("GET", (200,)), ("DELETE", (405,)), ("GET", (200,))):
            connection.request(method, "/again", b"content" if method == "PUT" else None)
            response = connection.getresponse()
            response.read()
            self.assertIn(response.status, status)


if __name__ == "__main__":
    unittest.main()
