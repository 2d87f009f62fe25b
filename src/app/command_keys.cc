#include <fmt/format.h>

#include <cstdio>

#include "app/commands.h"
#include "app/data_owner.h"
#include "app/state_place.h"
#include "base/clock.h"
#include "door/key_ring.h"

namespace gnosis {
namespace {

// The service must be able to read what is written there.
Result<StatePlace> OpenStateOfService(const Settings& settings) {
  if (!settings.cloud.on) RETURN_IF_ERROR(ActAsOwnerOf(settings.data_dir));
  return OpenState(settings);
}

std::string WhereKeysAre(const Settings& settings) {
  if (!settings.cloud.on) return (settings.data_dir / kApiKeysKey).string();
  return fmt::format("gs://{}/{}", settings.cloud.bucket, kApiKeysKey);
}

void WarnOfOtherOwner(const Settings& settings) {
  if (settings.cloud.on) return;
  const auto other = OtherOwnerOf(settings.data_dir);
  if (!other) return;
  Say(fmt::format("{} belongs to {}, but the key file is now yours: a service that runs as",
                  settings.data_dir.string(), *other));
  Advise(fmt::format("{0} cannot read it and refuses everybody; run this command as {0} (or root)",
                     *other));
}

}  // namespace

ExitCode RunKeysAdd(const Settings& settings, const std::string& name, const std::string& owner) {
  const auto place = OpenStateOfService(settings);
  if (!place.ok()) return ReportError(place.error());
  const std::string secret = NewSecret();
  bool first = false;
  const Status added = ChangeApiKeys(*place->store, [&](std::vector<ApiKey>& keys) {
    first = keys.empty();
    return AddApiKey(keys, name, owner, secret, SystemClock().Now());
  });
  if (!added.ok()) return ReportError(added.error());
  fmt::print("{}\n", secret);
  Say("the key is shown only this once; send it as");
  Advise("Authorization: Bearer KEY");
  if (first) Advise("From now on the server requires a key.");
  WarnOfOtherOwner(settings);
  return ExitCode::kOk;
}

ExitCode RunKeysList(const Settings& settings) {
  const auto place = OpenState(settings);
  if (!place.ok()) return ReportError(place.error());
  const auto keys = ReadApiKeys(*place->store);
  if (!keys.ok()) return ReportError(keys.error());
  for (const ApiKey& key : *keys) {
    fmt::print("{}\t{}\t{}\n", key.name, key.owner, FormatTime(key.created_at));
  }
  return ExitCode::kOk;
}

ExitCode RunKeysRevoke(const Settings& settings, const std::string& name) {
  const auto place = OpenStateOfService(settings);
  if (!place.ok()) return ReportError(place.error());
  bool last = false;
  const Status removed = ChangeApiKeys(*place->store, [&](std::vector<ApiKey>& keys) {
    const Status status = RemoveApiKey(keys, name);
    last = keys.empty();
    return status;
  });
  if (!removed.ok()) return ReportError(removed.error());
  WarnOfOtherOwner(settings);
  if (last) {
    Say("no keys are left, so nobody can use the server now;");
    Advise("to run without keys on loopback again, stop the server and delete " +
           WhereKeysAre(settings));
  }
  return ExitCode::kOk;
}

}  // namespace gnosis
