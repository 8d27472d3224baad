/* Logs of the Agent Governance Toolkit, found by content: see fuzz_log.h. */
#include "fuzz_log.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	fuzz_ingest(p, len, NULL);
	return 0;
}
