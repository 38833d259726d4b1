"""The sync server: intake, log, projections, and the pages of office, public and supervision."""
