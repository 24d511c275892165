"""A courier's portal: sign-in and trails, read and never written."""
