"""The simulated truth: shops, orders, parcels, after-sale cases, and the rules by which they change."""
