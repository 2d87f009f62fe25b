// `gnosis-ocr serve`: the web service over a data folder of its own. On an address that others can
// reach it starts only when there are API keys, or when it is told to do without.
#pragma once

#include "app/exit_code.h"
#include "app/settings.h"

namespace gnosis {

// Until SIGTERM or SIGINT; then no new requests, pages in hand get a few seconds, leases are given
// back, and everything has ended within 10 s.
ExitCode RunServe(const Settings& settings);

}  // namespace gnosis
