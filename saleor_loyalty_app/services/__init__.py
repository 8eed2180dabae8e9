"""Does: one function per thing that happens. Each loads first, decides in the middle, acts last."""
