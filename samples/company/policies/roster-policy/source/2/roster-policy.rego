# METADATA
# title: Shifts of staff
# custom:
#   policy_id: roster-policy
#   policy_version: "2"
# INC-4: no minor at night
package fictional_retail.roster_policy

import rego.v1

default tier := "block"

# S1: store-manager, 1 person(s), PT8H
matched contains {"rule": "S1", "tier": "approve"} if {
	input.action == "shift.assign"
}

# S2
matched contains {"rule": "S2", "tier": "auto"} if {
	input.action == "shift.draft"
}

# S3
matched contains {"rule": "S3", "tier": "block"} if {
	input.action == "shift.assign"
	input.subject_state == "minor_at_night"
}

tier := strictest(matched) if count(matched) > 0
