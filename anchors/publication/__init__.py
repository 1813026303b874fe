"""What IANA publishes: where the bytes come from, whether they are authentic, what they mean."""
