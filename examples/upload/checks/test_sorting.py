"""The endpoint that sorts lines."""

import random
import unittest

from serving import service


class Sorting(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = cls.enterClassContext(service(UPLOAD_MAX_BYTES="16M", UPLOAD_SORT_MEMORY="256K"))

    def sort(self, body, **fields):
        status, answer, _ = self.service.request("POST", "/sort", body, **fields)
        return status, answer

    def test_a_few_lines_are_sorted(self):
        self.assertEqual(self.sort(b"pear\napple\nfig\n"), (200, b"apple\nfig\npear\n"))

    def test_an_empty_body_gives_an_empty_response(self):
        self.assertEqual(self.sort(b""), (200, b""))

    def test_a_missing_last_line_end_is_added(self):
        self.assertEqual(self.sort(b"b\na"), (200, b"a\nb\n"))

    def test_more_lines_than_memory_go_through_temporary_files(self):
        numbers = random.Random(8)
        lines = [b"%d\n" % numbers.getrandbits(60) for _ in range(500_000)]

        status, answer = self.sort(b"".join(lines))

        self.assertEqual(status, 200)
        self.assertTrue(answer == b"".join(sorted(lines)))
        self.assertTrue(self.service.settles_to(), self.service.entries())

    def test_a_line_longer_than_the_memory_is_refused(self):
        status, answer = self.sort(b"x" * 300_000 + b"\n" + b"y\n" * 300_000)

        self.assertEqual(status, 422)
        self.assertIn(b"a line is longer than", answer)

    def test_too_many_lines_are_refused(self):
        status, answer = self.sort(iter([b"line\n" * 200_000] * 17))

        self.assertEqual(status, 413)
        self.assertTrue(self.service.settles_to(), self.service.entries())

    def test_a_wrong_digest_is_refused(self):
        wrong = "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:"

        self.assertEqual(self.sort(b"b\na\n", Content_Digest=wrong)[0], 422)


if __name__ == "__main__":
    unittest.main()
