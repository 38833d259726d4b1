"""The officer's tablet: states acts, signs and keeps them, and sends them when there is a network."""
