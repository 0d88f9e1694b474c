"""Deployments in which the service can't work say what is wrong, and those with limits keep them."""

import os
import unittest

from serving import service


class Deployments(unittest.TestCase):
    def assert_unavailable(self, deployed, *parts):
        """Both the probe and an upload are refused, with a sentence that has these parts."""
        for method, path, body in (("GET", "/healthz", None), ("PUT", "/file", os.urandom(100_000))):
            status, message, _ = deployed.request(method, path, body)

            self.assertEqual(status, 503, message)
            for part in parts:
                self.assertIn(part, message.decode())
        self.assertTrue(deployed.settles_to(), deployed.entries())

    def test_a_good_deployment_is_ok(self):
        with service() as deployed:
            for path in ("/", "/healthz"):
                status, body, _ = deployed.request("GET", path)

                self.assertEqual((status, body), (200, b"ok\n"))
            self.assertTrue(deployed.settles_to(), deployed.entries())

    def test_without_any_directory_it_says_so(self):
        with service(directories=()) as deployed:
            self.assert_unavailable(deployed, '"/data"', "UPLOAD_DIRECTORY", "no directory is preopened")

    def test_without_a_directory_to_store_in_it_lists_those_that_there_are(self):
        with service(directories=("scratch::/tmp",)) as deployed:
            self.assert_unavailable(deployed, '"/data"', "the preopened directories are /tmp")

    def test_a_variable_that_names_no_directory_is_shown(self):
        with service(UPLOAD_DIRECTORY="/dat") as deployed:
            self.assert_unavailable(deployed, 'UPLOAD_DIRECTORY="/dat"', "the preopened directories are /data, /tmp")
        with service(UPLOAD_DIRECTORY="/data/missing") as deployed:
            self.assert_unavailable(deployed, '"/data/missing"', "does not exist")

    def test_a_directory_below_a_preopened_one_will_do(self):
        with service(UPLOAD_DIRECTORY="/data/in") as deployed:
            (deployed.storage / "in").mkdir()

            self.assertEqual(deployed.request("PUT", "/file", b"content")[0], 201)

            self.assertEqual((deployed.storage / "in" / "file").read_bytes(), b"content")

    def test_one_directory_for_everything_will_do(self):
        with service(directories=("storage::/data",)) as deployed:
            content = os.urandom(100_000)

            self.assertEqual(deployed.request("PUT", "/file", content)[0], 201)

            self.assertTrue(deployed.settles_to("file"), deployed.entries())

    def test_a_senseless_variable_is_named(self):
        for name, value in (
            ("UPLOAD_MAX_BYTES", "lots"),
            ("UPLOAD_SORT_MEMORY", "1K"),
            ("UPLOAD_MAXBYTES", "1M"),
            ("SCRATCH_MAX_BYTES", "lots"),
            ("SCRATCH_MAX_BITES", "1M"),
        ):
            with service(**{name: value}) as deployed:
                self.assert_unavailable(deployed, name)

    def test_a_confined_provider_can_store_nothing(self):
        with service(SCRATCH_CONFINED="1") as deployed:
            self.assert_unavailable(deployed, "confined")

    def test_a_limit_of_the_provider_is_insufficient_storage(self):
        with service(SCRATCH_MAX_BYTES="100K") as deployed:
            status, message, _ = deployed.request("PUT", "/file", os.urandom(200_000))

            self.assertEqual(status, 507)
            self.assertIn(b"limit reached", message)
            self.assertTrue(deployed.settles_to(), deployed.entries())

    def test_sorting_keeps_the_limits_of_the_provider_too(self):
        with service(SCRATCH_MAX_BYTES="100K") as deployed:
            status, message, _ = deployed.request("POST", "/sort", b"some line\n" * 500_000)

            self.assertEqual(status, 507)
            self.assertIn(b"limit reached", message)

    def test_a_directory_to_store_in_that_can_only_be_read_is_told(self):
        with service(bound_by_modes=True) as deployed:
            deployed.storage.chmod(0o555)

            self.assert_unavailable(deployed, "/data", "denied")

    def test_a_directory_for_temporary_files_that_can_only_be_read_is_told(self):
        with service(bound_by_modes=True, TMPDIR="/tmp", directories=("scratch::/tmp",)) as deployed:
            deployed.scratch.chmod(0o555)

            status, message, _ = deployed.request("POST", "/sort", b"line\n" * 1_000_000)

            self.assertEqual(status, 503, message)
            self.assertIn(b"/tmp", message)


if __name__ == "__main__":
    unittest.main()
