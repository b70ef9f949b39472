"""My exports, and one export with its files, links and deliveries."""
