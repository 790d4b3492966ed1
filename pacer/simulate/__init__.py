"""`pacer simulate`: many seeded miles in virtual time, and what each cue policy makes of them."""
