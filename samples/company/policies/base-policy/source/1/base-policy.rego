# METADATA
# title: Rules that hold for every agent
# custom:
#   policy_id: base-policy
#   policy_version: "1"
# First common rules: erasure, brand, rates, data classes
package fictional_retail.base_policy

import rego.v1

default tier := "block"

# B1
matched contains {"rule": "B1", "tier": "block"} if {
	input.subject_state == "erasure_requested"
}

# B2
matched contains {"rule": "B2", "tier": "block"} if {
	input.topic in {"health_claim", "price_promise", "other_brand"}
}

# B3
matched contains {"rule": "B3", "tier": "block"} if {
	input.count_by_user_in_a_day > 200
}

# B4
matched contains {"rule": "B4", "tier": "block"} if {
	input.data_class in {"health"}
}

# B5
matched contains {"rule": "B5", "tier": "block"} if {
	input.topic in {"prompt_injection"}
}

tier := strictest(matched) if count(matched) > 0
