# METADATA
# title: Published texts
# custom:
#   policy_id: content-policy
#   policy_version: "1"
# Texts are marked and reviewed within a day
package fictional_retail.content_policy

import rego.v1

default tier := "block"

# T1
matched contains {"rule": "T1", "tier": "notify"} if {
	input.action == "content.publish"
}

# T2: product, 1 person(s), PT8H
matched contains {"rule": "T2", "tier": "approve"} if {
	input.action == "content.campaign"
}

# T3: product, 1 person(s), PT8H
matched contains {"rule": "T3", "tier": "approve"} if {
	input.action == "content.publish"
	input.confidence < 0.7
}

tier := strictest(matched) if count(matched) > 0
