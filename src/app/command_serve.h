// `gnosis-ocr serve`: the web service over a data folder of its own.
#pragma once

#include "app/exit_code.h"
#include "app/settings.h"

namespace gnosis {

// Until SIGTERM or SIGINT; then no new requests, pages in hand get a few seconds, leases are given
// back, and everything has ended within 10 s.
ExitCode RunServe(const Settings& settings);

// 127.0.0.0/8, ::1 or localhost: what this version may listen on.
bool IsLoopback(const std::string& host);

}  // namespace gnosis
