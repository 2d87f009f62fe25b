#include "wire/seal_report.h"

#include <fmt/format.h>

namespace gnosis {

bool IsSealed(const SealReport& report) {
  return report.seccomp && report.no_new_privs && report.limits && report.no_capabilities;
}

std::string DescribeSeal(const SealReport& report) {
  const auto layer = [](bool active, const char* name) {
    return fmt::format("{}{}", active ? "" : "no ", name);
  };
  return fmt::format("{}, {}, {}, {}, {}, {}", layer(report.seccomp, "seccomp"),
                     layer(report.no_new_privs, "no_new_privs"), layer(report.limits, "limits"),
                     report.no_capabilities ? "no capabilities" : "capabilities",
                     report.user_id == 0 ? "user root" : fmt::format("user {}", report.user_id),
                     report.landlock_abi > 0 ? fmt::format("Landlock ABI {}", report.landlock_abi)
                                             : "no Landlock");
}

}  // namespace gnosis
