// What comes between two steps of an admission: the same request in another process, recovery, a
// deletion.
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <utility>

#include "base/file.h"
#include "support/forwarding_store.h"
#include "support/process_fixture.h"
#include "task/submissions.h"

namespace gnosis {
namespace {

constexpr char kRacedKey[] = "letter-1";

// After a write something else happens, and the answer is lost; and then nobody answers any more.
class RacedStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  std::string part_of_key;
  std::function<void()> after_write;  // once
  bool broken = false;

  Result<ObjectInfo> Stat(const std::string& key) override {
    if (broken) return Lost();
    return ForwardingStore::Stat(key);
  }
  Result<Object> Read(const std::string& key) override {
    if (broken) return Lost();
    return ForwardingStore::Read(key);
  }
  Result<Generation> Write(const std::string& key, std::string_view bytes,
                           IfGeneration generation) override {
    auto written = ForwardingStore::Write(key, bytes, generation);
    if (key.find(part_of_key) == std::string::npos || !after_write) return written;
    broken = true;
    std::exchange(after_write, nullptr)();
    return Lost();
  }

 private:
  static Error Lost() { return {ErrorCode::kUnavailable, "the answer was lost", ""}; }
};

// Something happens between a question and what is done with the answer.
class LateStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  std::function<void()> after_stat;  // once
  Result<ObjectInfo> Stat(const std::string& key) override {
    auto info = ForwardingStore::Stat(key);
    if (auto once = std::exchange(after_stat, nullptr)) once();
    return info;
  }
};

class AdmissionRacesTest : public testing::Test {
 protected:
  AdmissionRacesTest() { std::ofstream(models_.path() / "eng.traineddata") << "pretend"; }
  TestProcess NewProcess(ObjectStore& store) { return {store, clock_, models_.path()}; }
  void ExpectOneJobIsDone(const SessionKey& session) {
    TestProcess process = NewProcess(store_);
    process.TidyUp();
    process.WorkUntilDone();
    ExpectAtRest(store_);
    EXPECT_EQ(SessionsIn(store_), std::vector<SessionKey>{session});
    EXPECT_TRUE(process.IsCompleted(session));
  }

  TemporaryFolder models_;
  MemoryStore store_;
  HandClock clock_;
};

TEST_F(AdmissionRacesTest, WhatAnotherRequestWasAnsweredWithIsNotWithdrawn) {
  TestProcess twin = NewProcess(store_);
  Result<Admitted> answered = Error{};
  RacedStore raced(store_);
  raced.part_of_key = "submissions/";
  raced.after_write = [&] { answered = twin.Submit(kRacedKey, ""); };
  EXPECT_EQ(NewProcess(raced).Submit(kRacedKey, "").code(), ErrorCode::kUnavailable);
  ASSERT_TRUE(answered.ok());
  EXPECT_FALSE(answered->created);
  ExpectOneJobIsDone(answered->session);
}

TEST_F(AdmissionRacesTest, RecoveryMakesNoJobOfAnUploadThatMayYetFail) {
  TestProcess other = NewProcess(store_);
  Result<Admitted> answered = Error{};
  RacedStore raced(store_);
  raced.part_of_key = "/processing.json";
  raced.after_write = [&] {
    ASSERT_TRUE(RecoverAll(other.actions, Leases::kRespect).ok());
    answered = other.Submit(kRacedKey, "");
    raced.broken = false;  // it can withdraw
  };
  {
    TestProcess process = NewProcess(raced);
    EXPECT_EQ(process.Submit(kRacedKey, "").code(), ErrorCode::kUnavailable);
  }
  ASSERT_TRUE(answered.ok());
  EXPECT_TRUE(answered->created);
  ExpectOneJobIsDone(answered->session);
}

TEST_F(AdmissionRacesTest, RecoveryRemovesWhatLostItsKeyOnlyWhenItsUploadIsOver) {
  TestProcess process = NewProcess(store_);
  const auto winner = process.Submit(kRacedKey, "");
  ASSERT_TRUE(winner.ok());
  SessionKey loser = winner->session;
  loser.session_id = "00000000-0000-4000-8000-00000000000b";
  Metadata metadata = *ReadMetadataFile(store_, winner->session);
  metadata.session_id = loser.session_id;
  ASSERT_TRUE(WriteMarker(store_, loser, TestProcess::kUser, clock_.now).ok());
  ASSERT_TRUE(store_.Write(MetadataKey(loser), EncodeMetadata(metadata), kAbsent).ok());
  ASSERT_TRUE(RecoverAll(process.actions, Leases::kRespect).ok());
  EXPECT_TRUE(SessionExists(store_, loser));
  clock_.now += std::chrono::hours(2);
  ASSERT_TRUE(RecoverAll(process.actions, Leases::kRespect).ok());
  EXPECT_FALSE(SessionExists(store_, loser));
  ExpectOneJobIsDone(winner->session);
}

TEST_F(AdmissionRacesTest, AJobThatIsDeletedMeanwhileIsNoAnswerToWhoSubmits) {
  TestProcess other = NewProcess(store_);
  const auto first = other.Submit(kRacedKey, "");
  ASSERT_TRUE(first.ok());
  TestProcess process = NewProcess(store_);
  // The key stood for it when the upload began.
  const auto upload = process.admission->Start(TestProcess::kUser, kRacedKey);
  ASSERT_TRUE(upload.ok());
  ASSERT_TRUE((*upload)->Append(TestProcess::kDocument).ok());
  ASSERT_TRUE(DeleteSession(other.actions, first->session).ok());
  const auto admitted = (*upload)->Admit({"letter.pdf", {}, ""});
  EXPECT_EQ(admitted.code(), ErrorCode::kConflict);
  const auto again = process.Submit(kRacedKey, "");
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->created);
  ExpectOneJobIsDone(again->session);
}

TEST_F(AdmissionRacesTest, AKeyWhoseJobGoesAsItIsLookedUpStandsForNothing) {
  TestProcess other = NewProcess(store_);
  const auto first = other.Submit(kRacedKey, "");
  ASSERT_TRUE(first.ok());
  LateStore deleting(store_);
  deleting.after_stat = [&] { ASSERT_TRUE(DeleteSession(other.actions, first->session).ok()); };
  TestProcess process = NewProcess(deleting);
  const auto admitted = process.Submit(kRacedKey, "");
  ASSERT_TRUE(admitted.ok()) << admitted.error().message;
  EXPECT_TRUE(admitted->created);
  ExpectOneJobIsDone(admitted->session);
}

}  // namespace
}  // namespace gnosis
