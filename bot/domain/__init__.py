"""The frozen nouns of the trade: ids, money, case, facts, decision, action, outcome, evidence; no I/O."""
