"""The only code that speaks HTTP to the outside: one connector per remote system, each keeping its port."""
