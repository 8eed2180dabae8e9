"""Best Regards, a loyalty app for Saleor shops."""

__version__ = "0.3.0"
