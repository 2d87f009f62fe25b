// What the store does when Cloud Storage breaks, call by call.
#include <gmock/gmock.h>

#include <thread>

#include "support/storage_fixture.h"

namespace gnosis {
namespace {

using testing::ElementsAre;

struct Fault {
  std::string name;
  Json rule;
};

// Every way in which one request can go wrong; the call that it hits is added by the test.
const std::vector<Fault>& Faults() {
  static const std::vector<Fault> faults{
      {"429", {{"kind", "status"}, {"status", 429}}},
      {"429 with Retry-After", {{"kind", "status"}, {"status", 429}, {"retry_after", 2}}},
      {"500", {{"kind", "status"}, {"status", 500}}},
      {"503", {{"kind", "status"}, {"status", 503}}},
      {"408", {{"kind", "status"}, {"status", 408}}},
      {"reset before", {{"kind", "reset_before"}}},
      {"answer lost", {{"kind", "reset_after"}}},
      {"broken stream", {{"kind", "broken_stream"}}},
  };
  return faults;
}

class CloudStorageFaults : public StorageFixture {
 protected:
  // Runs `work` once for each fault, which strikes the `op`'s first `times` requests.
  void ForEachFault(const std::string& op, int times,
                    const std::function<void(const std::string& key)>& work) {
    int number = 0;
    for (const Fault& fault : Faults()) {
      SCOPED_TRACE(op + ": " + fault.name);
      Json rule = fault.rule;
      rule["op"] = "^" + op + "$";
      rule["times"] = times;
      key_ = "key" + std::to_string(++number);
      before_ = [this, rule] { server_.Break(rule); };
      work(key_);
      EXPECT_EQ(server_.TimesBroken(), times);
      server_.Admin("/_faults", {{"rules", Json::array()}});
    }
    EXPECT_EQ(number, int(Faults().size()));
  }
  void Strike() { before_(); }

  std::string key_;
  std::function<void()> before_;
};

// While a call waits for its next try, or for its answer.
TEST_F(CloudStorageFaults, AStopEndsWhateverWaits) {
  const Json kRules[] = {{{"kind", "status"}, {"status", 503}, {"retry_after", 50}},
                         {{"kind", "stall"}, {"seconds", 100}}};
  for (const Json& rule : kRules) {
    server_.Break(rule);
    std::stop_source stop;
    CloudStorageOptions options;
    options.bucket = "attic";
    options.endpoint = server_.url();
    options.buffer_bytes = kPiece;
    options.stop = stop.get_token();
    const auto store = NewCloudStorageStore(options, *http_, *tokens_);
    std::atomic<int> interrupted = 0;
    const auto expect = [&](ErrorCode code) { interrupted += code == ErrorCode::kInterrupted; };
    std::vector<std::jthread> callers;
    callers.emplace_back([&] { expect(store->Read("a").code()); });
    callers.emplace_back([&] { expect(store->Write("b", "x", kAbsent).code()); });
    callers.emplace_back([&] { expect(store->Write("c", Bytes(3 * kPiece), kAbsent).code()); });
    while (server_.TimesBroken() < int(callers.size())) std::this_thread::yield();
    stop.request_stop();
    callers.clear();  // joins: within the 50 s of a test, or it fails there
    EXPECT_EQ(interrupted, 3);
    // Nothing is begun any more.
    EXPECT_EQ(store->Stat("a").code(), ErrorCode::kInterrupted);
    EXPECT_EQ(server_.TimesBroken(), 3);
  }
}

TEST_F(CloudStorageFaults, AConditionalCreationHappensOnce) {
  ForEachFault("insert_multipart", 2, [&](const std::string& key) {
    Strike();
    const auto written = store_->Write(key, "bytes", kAbsent);
    ASSERT_TRUE(written.ok()) << written.error().message;
    EXPECT_EQ(BytesOf(key), "bytes");
    EXPECT_EQ(store_->Stat(key)->generation, *written);
    EXPECT_EQ(WritesOf(key), 1);
  });
}

TEST_F(CloudStorageFaults, AConditionalReplacementHappensOnce) {
  ForEachFault("insert_multipart", 1, [&](const std::string& key) {
    const Generation old = Put(key, "old");
    Strike();
    const auto written = store_->Write(key, "new", old);
    ASSERT_TRUE(written.ok()) << written.error().message;
    EXPECT_EQ(BytesOf(key), "new");
    EXPECT_EQ(WritesOf(key), 2);
  });
}

TEST_F(CloudStorageFaults, AnUnconditionalWriteHappensOnce) {
  ForEachFault("insert_multipart", 1, [&](const std::string& key) {
    Put(key, "old");
    Strike();
    const auto written = store_->Write(key, "new", kAnyGeneration);
    ASSERT_TRUE(written.ok()) << written.error().message;
    EXPECT_EQ(BytesOf(key), "new");
    EXPECT_EQ(WritesOf(key), 2);
  });
}

TEST_F(CloudStorageFaults, ALostRaceIsStillLostAfterABrokenAttempt) {
  ForEachFault("insert_multipart", 1, [&](const std::string& key) {
    Put(key, "theirs");
    Strike();
    const auto written = store_->Write(key, "ours", kAbsent);
    ASSERT_FALSE(written.ok());
    EXPECT_EQ(written.code(), ErrorCode::kPreconditionFailed);
    EXPECT_EQ(BytesOf(key), "theirs");
  });
}

TEST_F(CloudStorageFaults, ARepeatedUnconditionalWriteDoesNotUndoWhatCameBetween) {
  // Our response is lost; before we check, another process replaces what we wrote.
  class Meddler final : public HttpClient {
   public:
    explicit Meddler(HttpClient& inner) : inner_(inner) {}
    Result<HttpReply> Send(const HttpCall& call) override {
      auto reply = inner_.Send(call);
      if (!reply.ok() && after_break) std::exchange(after_break, nullptr)();
      return reply;
    }
    std::function<void()> after_break;

   private:
    HttpClient& inner_;
  } meddler(*http_);
  CloudStorageOptions options;
  options.bucket = "attic";
  options.endpoint = server_.url();
  options.timing = clock_.timing();
  const auto ours = NewCloudStorageStore(options, meddler, *tokens_);
  Generation theirs = kAbsent;
  meddler.after_break = [&] {
    theirs = *store_->Write("a", "theirs", store_->Stat("a")->generation);
  };
  server_.Break({{"op", "insert_multipart"}, {"kind", "reset_after"}, {"nth", 1}});
  const auto written = ours->Write("a", "ours", kAnyGeneration);
  ASSERT_TRUE(written.ok()) << written.error().message;
  // It is written over exactly what was seen, as a later write: nothing was lost unseen.
  EXPECT_EQ(BytesOf("a"), "ours");
  EXPECT_GT(*written, theirs);
}

TEST_F(CloudStorageFaults, ReadsAreRepeated) {
  const std::string bytes = Bytes(kPiece);
  ForEachFault("get_media", 2, [&](const std::string& key) {
    Put(key, bytes);
    Strike();
    EXPECT_TRUE(BytesOf(key) == bytes);
  });
  ForEachFault("get_media", 2, [&](const std::string& key) {
    Put(key + "f", bytes);
    Strike();
    const auto file = store_->Open(key + "f");
    ASSERT_TRUE(file.ok());
    EXPECT_TRUE(*ReadDescriptor(*file, 1 << 30) == bytes);
  });
  ForEachFault("get_metadata", 2, [&](const std::string& key) {
    Put(key + "s", bytes);
    Strike();
    EXPECT_EQ(store_->Stat(key + "s")->size_bytes, bytes.size());
  });
}

TEST_F(CloudStorageFaults, ABrokenReadGoesOnWhereItWas) {
  const std::string bytes = Bytes(4 * kPiece);
  Put("a", bytes);
  server_.Break(
      {{"op", "get_media"}, {"kind", "broken_stream"}, {"after_bytes", 600'000}, {"nth", 1}});
  EXPECT_TRUE(BytesOf("a") == bytes);
  EXPECT_EQ(server_.Admin("/_stats")["by_status"]["206"], 1);
}

TEST_F(CloudStorageFaults, AnObjectReplacedUnderABrokenReadIsReadFromTheStart) {
  Put("a", Bytes(4 * kPiece));
  server_.Break(
      {{"op", "get_media"}, {"kind", "broken_stream"}, {"after_bytes", 600'000}, {"nth", 1}});
  class Replacer final : public HttpClient {
   public:
    Replacer(HttpClient& inner, std::function<void()> replace)
        : inner_(inner), replace_(std::move(replace)) {}
    Result<HttpReply> Send(const HttpCall& call) override {
      auto reply = inner_.Send(call);
      if (!reply.ok()) replace_();
      return reply;
    }

   private:
    HttpClient& inner_;
    const std::function<void()> replace_;
  } replacer(*http_, [&] { Put("a", "short and new"); });
  CloudStorageOptions options;
  options.bucket = "attic";
  options.endpoint = server_.url();
  options.timing = clock_.timing();
  const auto object = NewCloudStorageStore(options, replacer, *tokens_)->Read("a");
  ASSERT_TRUE(object.ok()) << object.error().message;
  EXPECT_EQ(object->bytes, "short and new");
}

TEST_F(CloudStorageFaults, ListsAreRepeatedPageByPage) {
  server_.Admin("/_settings", {{"list_page_limit", 2}});
  for (const char* key : {"u/1", "u/2", "u/3", "u/4", "u/5"}) Put(key, "x");
  ForEachFault("list", 2, [&](const std::string&) {
    Strike();
    EXPECT_THAT(*store_->List("u/"), ElementsAre("u/1", "u/2", "u/3", "u/4", "u/5"));
  });
}

TEST_F(CloudStorageFaults, ADeletionHappensOnceAndIsKnownToHaveHappened) {
  for (const bool is_conditional : {true, false}) {
    ForEachFault("delete", 1, [&](const std::string& key) {
      const Generation generation = Put(key, "x");
      Strike();
      const Status deleted =
          store_->Delete(key, is_conditional ? IfGeneration(generation) : kAnyGeneration);
      EXPECT_TRUE(deleted.ok()) << deleted.error().message;
      EXPECT_EQ(store_->Stat(key).code(), ErrorCode::kNotFound);
    });
  }
}

TEST_F(CloudStorageFaults, AFolderIsDeletedThroughAnyFault) {
  for (const char* op : {"delete", "list"}) {
    ForEachFault(op, 3, [&](const std::string& key) {
      for (const char* name : {"/a", "/b", "/c/d", "/e"}) Put(key + name, "x");
      Strike();
      ASSERT_TRUE(store_->DeleteFolder(key + "/").ok());
      EXPECT_THAT(*store_->List(key + "/"), ElementsAre());
    });
  }
}

TEST_F(CloudStorageFaults, ALargeUploadSurvivesAnyFaultOfAnyOfItsRequests) {
  const std::string bytes = Bytes(5 * kPiece + 100);
  for (const char* op : {"start_resumable", "put_chunk"}) {
    ForEachFault(op, 2, [&](const std::string& key) {
      const std::string name = key + op;
      Strike();
      const auto written = store_->Write(name, bytes, kAbsent);
      ASSERT_TRUE(written.ok()) << written.error().message;
      EXPECT_TRUE(BytesOf(name) == bytes);
      EXPECT_EQ(WritesOf(name), 1);
      EXPECT_EQ(store_->Stat(name)->generation, *written);
    });
  }
}

TEST_F(CloudStorageFaults, TheLastPieceWhoseAnswerIsLostIsNotSentTwice) {
  for (const char* kind : {"reset_after", "broken_stream"}) {
    const std::string key = std::string("a/") + kind;
    server_.Break({{"op", "put_chunk"}, {"kind", kind}, {"nth", 3}});
    const auto written = store_->Write(key, Bytes(5 * kPiece), kAbsent);
    ASSERT_TRUE(written.ok()) << written.error().message;
    EXPECT_EQ(WritesOf(key), 1);
    EXPECT_EQ(server_.TimesBroken(), 1);
  }
}

TEST_F(CloudStorageFaults, AnUploadCutAnywhereGoesOnFromThere) {
  const std::string bytes = Bytes(5 * kPiece + 100);
  int cuts = 0;
  for (const int request : {1, 2, 3}) {
    for (const uint64_t offset :
         {uint64_t{0}, uint64_t{1}, kPiece - 1, kPiece, kPiece + 1, 2 * kPiece - 1}) {
      SCOPED_TRACE(std::to_string(request) + " cut after " + std::to_string(offset));
      const std::string key = "cut/" + std::to_string(cuts++);
      server_.Break(
          {{"op", "put_chunk"}, {"kind", "cut_upload"}, {"after_bytes", offset}, {"nth", request}});
      const auto written = store_->Write(key, bytes, kAbsent);
      ASSERT_TRUE(written.ok()) << written.error().message;
      EXPECT_EQ(server_.TimesBroken(), 1);
      EXPECT_TRUE(BytesOf(key) == bytes);
    }
  }
  EXPECT_EQ(cuts, 18);
}

TEST_F(CloudStorageFaults, AStatusQueryMayBreakToo) {
  Json cut{{"op", "put_chunk"}, {"kind", "cut_upload"}, {"after_bytes", kPiece + 5}, {"nth", 2}};
  Json query{{"op", "query_status"}, {"kind", "reset_before"}, {"times", 2}};
  server_.Admin("/_faults", {{"rules", Json::array({cut, query})}});
  const std::string bytes = Bytes(5 * kPiece);
  ASSERT_TRUE(store_->Write("a", bytes, kAbsent).ok());
  EXPECT_TRUE(BytesOf("a") == bytes);
  EXPECT_EQ(server_.TimesBroken(), 3);
}

TEST_F(CloudStorageFaults, ALostSessionIsBegunAnew) {
  server_.Break({{"op", "put_chunk"}, {"kind", "status"}, {"status", 410}, {"nth", 3}});
  const std::string bytes = Bytes(5 * kPiece);
  const auto written = store_->Write("a", bytes, kAbsent);
  ASSERT_TRUE(written.ok()) << written.error().message;
  EXPECT_TRUE(BytesOf("a") == bytes);
  EXPECT_EQ(server_.Admin("/_stats")["by_op"]["start_resumable"], 2);
}

TEST_F(CloudStorageFaults, WhatStaysBrokenIsUnavailableAfterABoundedTime) {
  server_.Break({{"kind", "status"}, {"status", 503}});
  const int64_t before = clock_.slept_ms();
  EXPECT_EQ(store_->Read("a").code(), ErrorCode::kUnavailable);
  EXPECT_EQ(store_->Write("a", "x", kAbsent).code(), ErrorCode::kUnavailable);
  EXPECT_EQ(store_->Write("b", Bytes(3 * kPiece), kAbsent).code(), ErrorCode::kUnavailable);
  EXPECT_EQ(store_->Delete("a", 5).code(), ErrorCode::kUnavailable);
  EXPECT_EQ(store_->List("a/").code(), ErrorCode::kUnavailable);
  EXPECT_LE(clock_.slept_ms() - before, 8 * 60'000);
}

TEST_F(CloudStorageFaults, AMixOfFaultsLosesNoCount) {
  Put("counter", "0");
  server_.Admin(
      "/_faults",
      {{"seed", 11},
       {"rules", Json::array({{{"probability", 0.1}, {"kind", "reset_after"}},
                              {{"probability", 0.1}, {"kind", "status"}, {"status", 503}},
                              {{"probability", 0.1}, {"kind", "reset_before"}},
                              {{"probability", 0.1}, {"kind", "status"}, {"status", 429}}})}});
  std::atomic<int> counted = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int done = 0; done < 15;) {
        const auto counter = store_->Read("counter");
        if (!counter.ok()) continue;
        const auto written = store_->Write("counter", std::to_string(std::stoi(counter->bytes) + 1),
                                           counter->generation);
        if (written.ok()) ++done, ++counted;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  server_.Admin("/_faults", {{"rules", Json::array()}});
  EXPECT_EQ(counted, 60);
  EXPECT_EQ(BytesOf("counter"), "60");
}

}  // namespace
}  // namespace gnosis
