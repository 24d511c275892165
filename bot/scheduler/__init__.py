"""When the service does what: calendar, schedules, the agenda of duties, and its sign of life; nothing here opens a browser."""
