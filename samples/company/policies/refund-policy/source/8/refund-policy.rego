# METADATA
# title: Refunds to customers
# custom:
#   policy_id: refund-policy
#   policy_version: "8"
# INC-3: lower limit of refunds without approval
package fictional_retail.refund_policy

import rego.v1

default tier := "block"

# R1
matched contains {"rule": "R1", "tier": "auto"} if {
	input.action == "refund.create"
	input.currency == "EUR"
	input.amount_minor <= 4000
}

# R2
matched contains {"rule": "R2", "tier": "auto"} if {
	input.action == "refund.create"
	input.currency == "DKK"
	input.amount_minor <= 29800
}

# R3: finance, 1 person(s), PT1H
matched contains {"rule": "R3", "tier": "approve"} if {
	input.action == "refund.create"
	input.currency == "EUR"
	input.amount_minor >= 4001
	input.amount_minor <= 100000
}

# R4: finance, 1 person(s), PT1H
matched contains {"rule": "R4", "tier": "approve"} if {
	input.action == "refund.create"
	input.currency == "DKK"
	input.amount_minor >= 29801
	input.amount_minor <= 746000
}

# R5
matched contains {"rule": "R5", "tier": "block"} if {
	input.action == "refund.create"
	input.count_by_user_in_a_day > 20
}

# R6: finance, 2 person(s), PT1H
matched contains {"rule": "R6", "tier": "approve"} if {
	input.action == "refund.create"
	input.currency == "EUR"
	input.amount_minor >= 100001
}

# R7: finance, 2 person(s), PT1H
matched contains {"rule": "R7", "tier": "approve"} if {
	input.action == "refund.create"
	input.currency == "DKK"
	input.amount_minor >= 746001
}

# R8: finance, 1 person(s), PT1H
matched contains {"rule": "R8", "tier": "approve"} if {
	input.action == "refund.create"
	input.confidence < 0.7
}

tier := strictest(matched) if count(matched) > 0
