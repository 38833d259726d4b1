"""The officer's tablet: it states acts, signs and keeps them, and sends them when it can."""
