"""Search: a request becomes a plan, the plan runs over a snapshot, and hits are counted, ranked and shown."""
