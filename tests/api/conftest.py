"""The demo town and the service over it, for the tests of the doors."""

from tests.demo_town import demo_result, demo_workspace, service_url

__all__ = ["demo_result", "demo_workspace", "service_url"]
