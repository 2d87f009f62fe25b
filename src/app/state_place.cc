#include "app/state_place.h"

#include <filesystem>

#include "session/disk_store.h"

namespace gnosis {

Result<StatePlace> OpenState(const Settings& settings) {
  StatePlace place;
  if (settings.cloud.on) {
    ASSIGN_OR_RETURN(place.clients, CloudClients::Make(settings.cloud));
    place.store = place.clients->NewStore();
    return place;
  }
  std::error_code error;
  std::filesystem::create_directories(settings.data_dir, error);
  if (error) return ErrnoError(error.value(), settings.data_dir.string());
  place.store = NewDiskStore(settings.data_dir);
  return place;
}

}  // namespace gnosis
