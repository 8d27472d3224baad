# METADATA
# title: Changes to orders, letters and holds
# custom:
#   policy_id: order-policy
#   policy_version: "4"
# Business customers cancel in batches
package fictional_retail.order_policy

import rego.v1

default tier := "block"

# O1
matched contains {"rule": "O1", "tier": "notify"} if {
	input.action == "address.change"
}

# O2
matched contains {"rule": "O2", "tier": "auto"} if {
	input.action == "order.cancel"
	input.currency == "EUR"
	input.amount_minor <= 20000
}

# O3
matched contains {"rule": "O3", "tier": "auto"} if {
	input.action == "order.cancel"
	input.currency == "DKK"
	input.amount_minor <= 149200
}

# O4: support, 1 person(s), PT4H
matched contains {"rule": "O4", "tier": "approve"} if {
	input.action == "order.cancel"
	input.currency == "EUR"
	input.amount_minor >= 20001
}

# O5: support, 1 person(s), PT4H
matched contains {"rule": "O5", "tier": "approve"} if {
	input.action == "order.cancel"
	input.currency == "DKK"
	input.amount_minor >= 149201
}

# O6: support, 1 person(s), PT4H
matched contains {"rule": "O6", "tier": "approve"} if {
	input.action == "letter.send"
}

# O7
matched contains {"rule": "O7", "tier": "auto"} if {
	input.action == "hold.place"
	input.currency == "EUR"
	input.amount_minor <= 50000
}

# O8
matched contains {"rule": "O8", "tier": "auto"} if {
	input.action == "hold.place"
	input.currency == "DKK"
	input.amount_minor <= 373000
}

# O9: support, 1 person(s), PT4H
matched contains {"rule": "O9", "tier": "approve"} if {
	input.action == "hold.place"
	input.currency == "EUR"
	input.amount_minor >= 50001
}

# O10: support, 1 person(s), PT4H
matched contains {"rule": "O10", "tier": "approve"} if {
	input.action == "hold.place"
	input.currency == "DKK"
	input.amount_minor >= 373001
}

# O11
matched contains {"rule": "O11", "tier": "block"} if {
	input.action == "order.cancel"
	input.count_by_user_in_a_day > 20
}

# O12: support, 1 person(s), PT4H
matched contains {"rule": "O12", "tier": "approve"} if {
	input.confidence < 0.7
}

# O13
matched contains {"rule": "O13", "tier": "block"} if {
	input.action == "account.delete"
}

tier := strictest(matched) if count(matched) > 0
