"""An imitation of a courier's desktop client: a window and nothing else, speaking to the courier's origin over HTTP."""
