"""Deployments in which the service cannot work report the reason, and limits are kept."""

import os
import subprocess
import unittest

from serving import service


def injecting(fault):
    """Returns a command under which system calls of a program fail."""
    call = fault.partition(":")[0]
    return ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={fault}"]


def can_inject():
    try:
        return subprocess.run([*injecting("linkat:error=EPERM"), "true"]).returncode == 0
    except FileNotFoundError:
        return False


class Deployments(unittest.TestCase):
    def assert_unavailable(self, deployed, *parts):
        """Asserts that the probe and an upload are refused with a message that contains these parts."""
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

    def test_a_deployment_without_directories_is_reported(self):
        with service(directories=()) as deployed:
            self.assert_unavailable(deployed, '"/data"', "UPLOAD_DIRECTORY", "no directory is preopened")

    def test_a_missing_storage_directory_is_reported_with_the_preopened_ones(self):
        with service(directories=("scratch::/tmp",)) as deployed:
            self.assert_unavailable(deployed, '"/data"', "the preopened directories are /tmp")

    def test_a_variable_that_names_no_directory_is_reported(self):
        with service(UPLOAD_DIRECTORY="/dat") as deployed:
            self.assert_unavailable(deployed, 'UPLOAD_DIRECTORY="/dat"', "the preopened directories are /data, /tmp")
        with service(UPLOAD_DIRECTORY="/data/missing") as deployed:
            self.assert_unavailable(deployed, '"/data/missing"', "does not exist")

    def test_files_are_stored_in_a_directory_below_a_preopened_one(self):
        with service(UPLOAD_DIRECTORY="/data/in") as deployed:
            (deployed.storage / "in").mkdir()

            self.assertEqual(deployed.request("PUT", "/file", b"content")[0], 201)

            self.assertEqual((deployed.storage / "in" / "file").read_bytes(), b"content")

    def test_stored_and_temporary_files_may_share_a_directory(self):
        with service(directories=("storage::/data",)) as deployed:
            content = os.urandom(100_000)

            self.assertEqual(deployed.request("PUT", "/file", content)[0], 201)

            self.assertTrue(deployed.settles_to("file"), deployed.entries())

    def test_an_invalid_variable_is_reported_by_name(self):
        for name, value in (
            ("UPLOAD_MAX_BYTES", "lots"),
            ("UPLOAD_SORT_MEMORY", "1K"),
            ("UPLOAD_MAXBYTES", "1M"),
            ("SCRATCH_MAX_BYTES", "lots"),
            ("SCRATCH_MAX_BITES", "1M"),
            ("SCRATCH_CONFINE", "1"),
        ):
            with service(**{name: value}) as deployed:
                self.assert_unavailable(deployed, name)

    def test_with_a_confined_provider_no_file_can_be_stored(self):
        with service(SCRATCH_CONFINED="1") as deployed:
            self.assert_unavailable(deployed, "confined")

    def test_a_limit_of_the_provider_is_insufficient_storage(self):
        with service(SCRATCH_MAX_BYTES="100K") as deployed:
            status, message, _ = deployed.request("PUT", "/file", os.urandom(200_000))

            self.assertEqual(status, 507)
            self.assertIn(b"limit reached", message)
            self.assertTrue(deployed.settles_to(), deployed.entries())

    def test_the_probe_reports_a_limit_as_unavailable(self):
        with service(SCRATCH_MAX_HANDLES="0") as deployed:
            status, message, _ = deployed.request("GET", "/healthz")

            self.assertEqual(status, 503)
            self.assertIn(b"limit reached", message)

    def test_a_host_that_refuses_hard_links_stores_files(self):
        if not can_inject():
            self.skipTest("strace is missing, or not permitted")
        for error in ("EPERM", "EACCES", "ENOSYS", "EMLINK", "EOPNOTSUPP"):
            with service(under=injecting(f"linkat:error={error}")) as deployed:
                content = os.urandom(100_000)

                self.assertEqual(deployed.request("PUT", "/file", content)[0], 201, error)
                self.assertEqual(deployed.request("PUT", "/file", b"second")[0], 204, error)

                self.assertEqual(deployed.request("GET", "/file")[1], b"second")
                self.assertTrue(deployed.settles_to("file"), deployed.entries())

    def test_sorting_keeps_the_limits_of_the_provider(self):
        with service(SCRATCH_MAX_BYTES="100K") as deployed:
            status, message, _ = deployed.request("POST", "/sort", b"some line\n" * 500_000)

            self.assertEqual(status, 507)
            self.assertIn(b"limit reached", message)

    def test_a_read_only_storage_directory_is_reported(self):
        with service(bound_by_modes=True) as deployed:
            deployed.storage.chmod(0o555)

            self.assert_unavailable(deployed, "/data", "denied")

    def test_a_read_only_temporary_directory_is_reported(self):
        with service(bound_by_modes=True, SCRATCH_DIRECTORY="/tmp") as deployed:
            deployed.scratch.chmod(0o555)

            status, message, _ = deployed.request("POST", "/sort", b"line\n" * 1_000_000)

            self.assertEqual(status, 503, message)
            self.assertIn(b"SCRATCH_DIRECTORY", message)
            self.assertIn(b"/tmp", message)

    def test_a_missing_temporary_directory_is_reported_and_no_other_is_used(self):
        with service(SCRATCH_DIRECTORY="/tmp", directories=("storage::/data",)) as deployed:
            self.assert_unavailable(deployed, "SCRATCH_DIRECTORY", "/tmp")


if __name__ == "__main__":
    unittest.main()
