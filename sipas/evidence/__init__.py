"""What a claim is worth: keys, codes, tickets and receipts. Pure but for the folder of keys."""
