"""The closed loop: what is found ends only when it is verified."""
