"""What drives vendors: transport, trust, cadence, pace, the state machine of one attempt."""
