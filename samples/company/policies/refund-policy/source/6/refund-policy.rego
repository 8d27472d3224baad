# METADATA
# title: Refunds to customers
# custom:
#   policy_id: refund-policy
#   policy_version: "6"
# At most 20 refunds a person and day
package fictional_retail.refund_policy

import rego.v1

default tier := "block"

# R1
matched contains {"rule": "R1", "tier": "auto"} if {
	input.action == "refund.create"
	input.currency == "EUR"
	input.amount_minor <= 5000
}

# R2
matched contains {"rule": "R2", "tier": "auto"} if {
	input.action == "refund.create"
	input.currency == "DKK"
	input.amount_minor <= 37300
}

# R3: finance, 1 person(s), PT1H
matched contains {"rule": "R3", "tier": "approve"} if {
	input.action == "refund.create"
	input.currency == "EUR"
	input.amount_minor >= 5001
}

# R4: finance, 1 person(s), PT1H
matched contains {"rule": "R4", "tier": "approve"} if {
	input.action == "refund.create"
	input.currency == "DKK"
	input.amount_minor >= 37301
}

# R5
matched contains {"rule": "R5", "tier": "block"} if {
	input.action == "refund.create"
	input.count_by_user_in_a_day > 20
}

# R8: finance, 1 person(s), PT1H
matched contains {"rule": "R8", "tier": "approve"} if {
	input.action == "refund.create"
	input.confidence < 0.7
}

tier := strictest(matched) if count(matched) > 0
