"""What a supervisor reads: one device's integrity, and which device is behind."""
