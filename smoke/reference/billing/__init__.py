"""Plans, subscriptions, invoices, cards, metered usage and billing events."""
