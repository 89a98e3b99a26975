"""What the day prints: labels, charters, lists, cards, the closing report. Plain values in, bytes out."""
