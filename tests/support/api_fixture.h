// The whole API over a real store, session book, admission and batch processor; only the page
// reader, the queue and the clock are fakes. Requests go straight to the handler: no sockets.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/api.h"
#include "base/file.h"
#include "base/json.h"
#include "door/key_ring.h"
#include "session/object_store.h"
#include "support/direct_inspections.h"
#include "support/fake_reader.h"
#include "support/hand_clock.h"

namespace gnosis {

class FakeQueue : public TaskQueue {
 public:
  Status Enqueue(const Task& task, std::optional<Time>) override {
    if (broken) return Error{ErrorCode::kIo, "no queue at /srv/secret/queue", ""};
    tasks.push_back(task);
    return Ok();
  }
  std::deque<Task> tasks;
  bool broken = false;
};

// Fails every call with an error that names a path, as long as `broken`.
class FragileStore : public ObjectStore {
 public:
  explicit FragileStore(ObjectStore& inner) : inner_(inner) {}
  Result<Object> Read(const std::string& key) override;
  Result<ObjectInfo> Stat(const std::string& key) override;
  Result<FileDescriptor> Open(const std::string& key) override;
  Result<Generation> Write(const std::string& key, std::string_view bytes,
                           IfGeneration if_generation) override;
  Result<std::unique_ptr<ObjectWriter>> StartWrite(const std::string& key,
                                                   IfGeneration if_generation) override;
  Result<std::vector<std::string>> List(const std::string& prefix) override;
  Result<std::vector<std::string>> ListFolders(const std::string& folder) override;
  Result<uint64_t> SizeOf(const std::string& folder) override;
  Status Delete(const std::string& key, IfGeneration if_generation) override;
  Status DeleteFolder(const std::string& folder) override;

  std::optional<ErrorCode> broken;
  int calls = 0;

 private:
  Status Trouble();
  ObjectStore& inner_;
};

using Headers = std::map<std::string, std::string>;

struct Reply {
  int status = 0;
  HttpHeaders headers;
  std::string body;                // text and files
  std::unique_ptr<LiveBody> live;  // or this

  std::string header(std::string_view name) const { return headers.Get(name).value_or(""); }
  Json json() const;
  std::string code() const { return JsonString(json(), "code").value_or(""); }
};

// What a live body says without being woken, piece by piece as a server sends it.
struct Story {
  explicit Story(LiveBody& body);
  std::string text;
  size_t pieces = 0;
  size_t largest_bytes = 0;
  LiveBody::Then then = LiveBody::Then::kAtOnce;
};

// A request whose answer may have to be waited for.
class Pending {
 public:
  Pending(std::unique_ptr<Exchange> exchange, Answer answer);
  bool waiting() const { return std::holds_alternative<WaitFor>(answer_); }
  Milliseconds timeout() const { return std::get<WaitFor>(answer_).timeout; }
  bool woken() const { return *wakes_ > 0; }
  void GoOn(Exchange::Why why);
  Reply reply();

 private:
  void Listen();
  std::unique_ptr<Exchange> exchange_;
  Answer answer_;
  std::shared_ptr<int> wakes_ = std::make_shared<int>(0);
  std::unique_ptr<Subscription> subscription_;
};

class ApiTest : public testing::Test {
 protected:
  ApiTest();
  ~ApiTest() override;

  // Anew, after `options_` were changed.
  void StartApi();
  // Seen by the next request, a second later.
  std::string AddKey(const std::string& name, const std::string& owner);
  void RevokeKey(const std::string& name);

  static HttpRequest Request(const std::string& method, const std::string& target,
                             const Headers& headers = {});
  // `body` arrives in pieces of `piece_bytes`.
  Pending Begin(HttpRequest request, std::string_view body = "", size_t piece_bytes = 1000);
  Reply Send(const std::string& method, const std::string& target, const Headers& headers = {},
             std::string_view body = "");
  Reply Get(const std::string& target, const Headers& headers = {});
  Reply Post(const std::string& target, std::string_view body = "", const Headers& headers = {});

  // The id of a new job over a document as FakeReader reads it.
  std::string Submit(const std::string& document = "%PDF-1.7 pages=3",
                     const std::string& query = "");
  std::string SubmitAndRead(const std::string& document = "%PDF-1.7 pages=3");
  // One delivery of the oldest task: one page, or the combining.
  void Work();
  void WorkUntilDone();
  static std::string Path(const std::string& id, const std::string& rest = "") {
    return "/api/v1/jobs/" + id + rest;
  }
  static SessionKey Session(const std::string& id);

  TemporaryFolder folder_;
  TemporaryFolder models_folder_;
  HandClock clock_;
  FakeQueue queue_;
  FakeReader reader_;
  FakeReader inspector_;
  DirectInspections inspections_{inspector_};
  std::unique_ptr<ObjectStore> disk_;
  std::unique_ptr<FragileStore> store_;
  std::unique_ptr<SessionBook> book_;
  std::unique_ptr<Admission> admission_;
  std::unique_ptr<PartialUploads> uploads_;
  std::unique_ptr<BatchProcessor> processor_;
  ApiOptions options_;
  std::unique_ptr<Api> api_;
  size_t queue_depth_ = 4;
  int live_workers_ = 2;
  uint64_t free_disk_bytes_ = UINT64_MAX;
  uint64_t free_memory_bytes_ = UINT64_MAX;
};

}  // namespace gnosis
