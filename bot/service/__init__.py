"""The robot as a service of the PC: units and tasks that start it, its heartbeat, and the dead-man watch over it."""
