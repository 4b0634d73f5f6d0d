"""What pytest gets from us: readable failures in the conformance suite that we lend."""

import pytest

pytest.register_assert_rewrite(
    *(
        f"passerelle.testing.{part}"
        for part in ("conformance", "completeness_checks", "description_checks", "hostile_checks")
    ),
)
