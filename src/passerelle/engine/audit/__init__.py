"""Values are shown with a reason only, and the trail says to whom."""
