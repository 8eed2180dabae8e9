"""The print room's press: sets cards, slips, labels and sheets with typst. Knows no web, no database, no shop."""
