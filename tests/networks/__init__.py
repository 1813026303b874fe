"""Networks as they are: far, lossy, half dead, and with a liar in them."""
