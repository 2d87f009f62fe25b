// A bucket on the fake of Cloud Storage and a store over it.
#pragma once

#include <memory>
#include <string>

#include "support/google_fixture.h"

namespace gnosis {

class StorageFixture : public testing::Test {
 protected:
  static constexpr uint64_t kPiece = 256 * 1024;

  StorageFixture() { store_ = NewStore(); }

  std::unique_ptr<CloudStorageStore> NewStore() {
    CloudStorageOptions options;
    options.bucket = "attic";
    options.endpoint = server_.url();
    options.timing = clock_.timing();
    options.buffer_bytes = 2 * kPiece;
    return NewCloudStorageStore(options, *http_, *tokens_);
  }
  Generation Put(const std::string& key, std::string_view bytes) {
    const auto generation = store_->Write(key, bytes, kAnyGeneration);
    EXPECT_TRUE(generation.ok()) << generation.error().message;
    return generation.ok() ? *generation : kAbsent;
  }
  std::string BytesOf(const std::string& key) {
    const auto object = store_->Read(key);
    return object.ok() ? object->bytes : "(" + object.error().message + ")";
  }
  int WritesOf(const std::string& key) {
    const Json writes = server_.Admin("/_stats")["writes"];
    return int(JsonInteger(writes, "attic/" + key).value_or(0));
  }
  // Every byte is another than its neighbours', over all pieces.
  static std::string Bytes(size_t size) {
    std::string bytes(size, '\0');
    for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 7 + i / 251 + i / 65'537);
    return bytes;
  }

  FakeServer server_{"storage_server.py", {"--bucket", "attic"}};
  SleepingClock clock_;
  const std::unique_ptr<HttpClient> http_ = NewHttpClient({});
  std::unique_ptr<TokenSource> tokens_ = NewNoTokens();
  std::unique_ptr<CloudStorageStore> store_;
};

}  // namespace gnosis
