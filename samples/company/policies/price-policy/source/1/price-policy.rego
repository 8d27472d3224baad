# METADATA
# title: Prices
# custom:
#   policy_id: price-policy
#   policy_version: "1"
# Shadow of price-scout: proposals only
package fictional_retail.price_policy

import rego.v1

default tier := "block"

# C1
matched contains {"rule": "C1", "tier": "auto"} if {
	input.action == "price.propose"
}

# C2
matched contains {"rule": "C2", "tier": "block"} if {
	input.action == "price.change"
}

# C3: product, 1 person(s), PT8H
matched contains {"rule": "C3", "tier": "approve"} if {
	input.action == "price.propose"
	input.confidence < 0.7
}

tier := strictest(matched) if count(matched) > 0
