"""Reading what carries trust anchors: one module per syntax."""
