#include "support/google_fixture.h"
#include "support/object_store_contract.h"

namespace gnosis {
namespace {

class HomeInABucket final : public StoreHome {
 public:
  ObjectStore& store() override { return *store_; }

 private:
  static CloudStorageOptions Options(const FakeServer& server, SleepingClock& clock) {
    CloudStorageOptions options;
    options.bucket = "attic";
    options.endpoint = server.url();
    options.timing = clock.timing();
    return options;
  }

  FakeServer server_{"storage_server.py", {"--bucket", "attic"}};
  SleepingClock clock_;
  const std::unique_ptr<HttpClient> http_ = NewHttpClient({});
  const std::unique_ptr<TokenSource> tokens_ = NewNoTokens();
  const std::unique_ptr<CloudStorageStore> store_ =
      NewCloudStorageStore(Options(server_, clock_), *http_, *tokens_);
};

std::unique_ptr<StoreHome> NewHomeInABucket() { return std::make_unique<HomeInABucket>(); }

INSTANTIATE_TEST_SUITE_P(CloudStorage, ObjectStoreContract, testing::Values(&NewHomeInABucket));

}  // namespace
}  // namespace gnosis
