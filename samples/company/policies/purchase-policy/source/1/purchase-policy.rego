# METADATA
# title: Purchase orders
# custom:
#   policy_id: purchase-policy
#   policy_version: "1"
# Shadow of stock-planner
package fictional_retail.purchase_policy

import rego.v1

default tier := "block"

# P1
matched contains {"rule": "P1", "tier": "auto"} if {
	input.action == "purchase.order"
	input.currency == "EUR"
	input.amount_minor <= 250000
}

# P2
matched contains {"rule": "P2", "tier": "auto"} if {
	input.action == "purchase.order"
	input.currency == "DKK"
	input.amount_minor <= 1865000
}

# P3: buyer, 1 person(s), PT8H
matched contains {"rule": "P3", "tier": "approve"} if {
	input.action == "purchase.order"
	input.currency == "EUR"
	input.amount_minor >= 250001
}

# P4: buyer, 1 person(s), PT8H
matched contains {"rule": "P4", "tier": "approve"} if {
	input.action == "purchase.order"
	input.currency == "DKK"
	input.amount_minor >= 1865001
}

# P5: buyer, 1 person(s), PT8H
matched contains {"rule": "P5", "tier": "approve"} if {
	input.action == "purchase.order"
	input.confidence < 0.7
}

tier := strictest(matched) if count(matched) > 0
