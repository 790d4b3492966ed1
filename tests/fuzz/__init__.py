"""What takes bytes from outside, with what must hold of it whatever the bytes."""
