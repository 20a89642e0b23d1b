"""What was counted at the places: tables read, matched, joined, released, stored. Knows no colours."""
