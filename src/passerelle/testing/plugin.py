"""pytest plugin: readable failures of the asserts of the conformance suite."""

import pytest

pytest.register_assert_rewrite(
    *(
        f"passerelle.testing.{part}"
        for part in ("conformance", "completeness_checks", "description_checks", "hostile_checks")
    ),
)
