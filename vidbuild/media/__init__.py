"""Parameters to argv and filter graphs, measurements to values. Pure: nothing here runs or reads anything."""
