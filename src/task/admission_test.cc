#include "task/admission.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "base/file.h"
#include "support/direct_inspections.h"
#include "support/hooked_store.h"
#include "support/task_fixture.h"
#include "task/owner_sessions.h"

namespace gnosis {
namespace {

constexpr char kUser[] = "me@example.org";
const std::string kDocument = "%PDF-1.4 pretend";

// Admission over an empty store, with one inspector that says what it is told.
class AdmissionTest : public testing::Test {
 protected:
  AdmissionTest() {
    std::ofstream(models_.path() / "eng.traineddata") << "pretend";
    admission_ = NewAdmission({store_, queue_, *book_, clock_, 2, "test"}, inspections_,
                              {.max_upload_bytes = 1000, .models = {{models_.path()}}});
  }

  Result<Admitted> Submit(const std::string& bytes, const Submission& submission = {},
                          const std::optional<std::string>& key = std::nullopt) {
    auto upload = admission_->Start(kUser, key);
    if (!upload.ok()) return upload.error();
    for (const char byte : bytes) RETURN_IF_ERROR((*upload)->Append(std::string_view(&byte, 1)));
    return (*upload)->Admit(submission);
  }
  bool StoreIsEmpty() {
    return store_.ListFolders("users/")->empty() && store_.ListFolders("unfinished/")->empty();
  }

  TemporaryFolder models_;
  MemoryStore store_;
  ListQueue queue_;
  HandClock clock_;
  std::unique_ptr<SessionBook> book_ = NewSessionBook(store_, clock_, {});
  ToldReader inspector_;
  DirectInspections inspections_{inspector_};
  std::unique_ptr<Admission> admission_;
};

TEST_F(AdmissionTest, MakesASessionWithPendingPagesAndATaskPerChain) {
  Submission submission;
  submission.file_name = "/home/me/../letter\n.pdf";
  const auto admitted = Submit(kDocument, submission);
  ASSERT_TRUE(admitted.ok()) << admitted.error().message;
  const auto metadata = ReadMetadataFile(store_, admitted->session);
  ASSERT_TRUE(metadata.ok());
  EXPECT_EQ(metadata->file_name, "letter.pdf");
  EXPECT_EQ(metadata->document_pages, 3);
  EXPECT_EQ(metadata->sha256, Sha256Hex(kDocument));
  EXPECT_EQ(metadata->media_type, "application/pdf");
  EXPECT_EQ(store_.Read(OriginalKey(admitted->session, "pdf"))->bytes, kDocument);
  EXPECT_EQ(book_->ReadStatus(admitted->session)->pages.pending, 3);
  EXPECT_EQ(ReadMarker(store_, admitted->session)->user_email, kUser);
  EXPECT_EQ(queue_.tasks.size(), 2u);
}

TEST_F(AdmissionTest, TakesOnlyThePagesAskedFor) {
  Submission submission;
  submission.options.pages = {{2, 3}};
  const auto admitted = Submit(kDocument, submission);
  ASSERT_TRUE(admitted.ok());
  EXPECT_EQ(book_->ReadStatus(admitted->session)->total_pages, 2);
  submission.options.pages = {{8, 9}};
  EXPECT_EQ(Submit(kDocument, submission).code(), ErrorCode::kNoPages);
}

TEST_F(AdmissionTest, ARefusedDocumentLeavesNothing) {
  EXPECT_EQ(Submit("PK\x03\x04 a zip file").code(), ErrorCode::kUnsupportedMediaType);
  EXPECT_EQ(Submit("").code(), ErrorCode::kUnsupportedMediaType);
  EXPECT_EQ(Submit(kDocument + std::string(1000, ' ')).code(), ErrorCode::kTooLarge);
  inspector_.info = Error{ErrorCode::kPasswordRequired, "encrypted", ""};
  EXPECT_EQ(Submit(kDocument).code(), ErrorCode::kPasswordRequired);
  inspector_.info = Error{ErrorCode::kChildDied, "killed by signal 11", ""};
  EXPECT_EQ(Submit(kDocument).code(), ErrorCode::kDamaged);
  EXPECT_TRUE(StoreIsEmpty());
}

TEST_F(AdmissionTest, AnUploadThatIsGivenUpLeavesNothing) {
  auto upload = admission_->Start(kUser, std::nullopt);
  ASSERT_TRUE((*upload)->Append(kDocument).ok());
  upload->reset();
  EXPECT_TRUE(StoreIsEmpty());
}

TEST_F(AdmissionTest, TheSameKeyIsTheSameSession) {
  const auto first = Submit(kDocument, {}, "letter-1");
  const auto again = Submit(kDocument, {}, "letter-1");
  ASSERT_TRUE(first.ok() && again.ok());
  EXPECT_EQ(again->session, first->session);
  EXPECT_TRUE(first->created);
  EXPECT_FALSE(again->created);
  EXPECT_EQ(Submit(kDocument + "other", {}, "letter-1").code(), ErrorCode::kIdempotencyKeyReused);
  EXPECT_NE(Submit(kDocument, {}, "letter-2")->session, first->session);
}

TEST_F(AdmissionTest, TheSameKeyWithOtherOptionsIsRefused) {
  ASSERT_TRUE(Submit(kDocument, {}, "letter-1").ok());
  Submission other;
  other.options.reading.dpi = 150;
  const auto again = Submit(kDocument, other, "letter-1");
  EXPECT_EQ(again.code(), ErrorCode::kIdempotencyKeyReused);
  EXPECT_NE(again.error().message.find("other options"), std::string::npos);
}

TEST_F(AdmissionTest, AReplayQueuesNothingNew) {
  const auto first = Submit(kDocument, {}, "letter-1");
  std::set<std::string> names;
  for (const auto& entry : queue_.tasks) names.insert(TaskName(entry.task));
  ASSERT_TRUE(Submit(kDocument, {}, "letter-1").ok());
  for (const auto& entry : queue_.tasks) {
    EXPECT_TRUE(names.contains(TaskName(entry.task))) << "a queue would take it for another task";
  }
  // Nothing at all once a worker has started.
  ASSERT_TRUE(
      book_
          ->Update(first->session,
                   [&](Processing& record, const Outcomes& known) {
                     ClaimPages(record, known, {"task", "task/1", clock_.now, Seconds(60)}, {});
                     return true;
                   })
          .ok());
  queue_.tasks.clear();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(Submit(kDocument, {}, "letter-1").ok());
  EXPECT_TRUE(queue_.tasks.empty());
}

// The refused one must not take the document of the accepted one with it.
TEST_F(AdmissionTest, OfTwoWithOneKeyAtTheSameMomentTheRefusedOneCostsOnlyItself) {
  for (const bool refused_ends_last : {false, true}) {
    const std::string key = refused_ends_last ? "letter-1" : "letter-2";
    Submission bad;
    bad.options.pages = {{8, 9}};
    auto good = admission_->Start(kUser, key);
    auto refused = admission_->Start(kUser, key);
    ASSERT_TRUE((*good)->Append(kDocument).ok());
    ASSERT_TRUE((*refused)->Append(kDocument).ok());
    if (!refused_ends_last) {
      EXPECT_EQ((*refused)->Admit(bad).code(), ErrorCode::kNoPages);
      refused->reset();
    }
    const auto admitted = (*good)->Admit({});
    ASSERT_TRUE(admitted.ok());
    if (refused_ends_last) {
      EXPECT_FALSE((*refused)->Admit(bad).ok());
      refused->reset();
    }
    EXPECT_EQ(store_.Read(OriginalKey(admitted->session, "pdf"))->bytes, kDocument);
  }
}

TEST_F(AdmissionTest, OfTwoAlikeAtTheSameMomentOneBecomesTheJob) {
  auto one = admission_->Start(kUser, "letter-1");
  auto two = admission_->Start(kUser, "letter-1");
  ASSERT_TRUE((*one)->Append(kDocument).ok());
  ASSERT_TRUE((*two)->Append(kDocument).ok());
  const auto first = (*one)->Admit({});
  const auto second = (*two)->Admit({});
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(second->session, first->session);
  EXPECT_TRUE(first->created);
  EXPECT_FALSE(second->created);
  one->reset();
  two->reset();
  EXPECT_EQ(store_.ListFolders(UserFolder(UserHash(kUser)))->size(), 1u);
  EXPECT_EQ(store_.List("unfinished/" + UserHash(kUser) + "/")->size(), 1u);
}

TEST_F(AdmissionTest, AKeyWhoseJobWasDeletedStandsForNothing) {
  const auto first = Submit(kDocument, {}, "letter-1");
  const Metadata before = *ReadMetadataFile(store_, first->session);
  ASSERT_TRUE(DeleteSession({store_, queue_, *book_, clock_}, first->session).ok());
  const auto second = Submit(kDocument + "other", {}, "letter-1");
  ASSERT_TRUE(second.ok());
  EXPECT_TRUE(second->created);
  EXPECT_NE(second->session, first->session);
  EXPECT_NE(ReadMetadataFile(store_, second->session)->incarnation, before.incarnation);
}

TEST_F(AdmissionTest, FindsAJobThatAnEarlierVersionMadeOfTheKey) {
  const std::string hash = LegacyUserHash(kUser);
  const SessionKey legacy{hash, SubmissionId(hash, "letter-1")};
  Metadata metadata;
  metadata.session_id = legacy.session_id;
  metadata.user_hash = hash;
  metadata.file_name = "old.pdf";
  metadata.extension = "pdf";
  metadata.media_type = "application/pdf";
  metadata.size_bytes = kDocument.size();
  metadata.sha256 = Sha256Hex(kDocument);
  metadata.document_pages = 3;
  metadata.created_at = clock_.now;
  ASSERT_TRUE(store_.Write(MetadataKey(legacy), EncodeMetadata(metadata), kAbsent).ok());
  ASSERT_TRUE(store_
                  .Write(ProcessingKey(legacy),
                         EncodeProcessing(NewProcessing(metadata, {1, 2, 3}, 10)), kAbsent)
                  .ok());
  const auto again = Submit(kDocument, {}, "letter-1");
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again->session, legacy);
  EXPECT_FALSE(again->created);
  EXPECT_EQ(*FindOwnersSession(*book_, "ME@example.org", legacy.session_id), legacy);
}

// A session is in its owner's list as soon as it has metadata.json.
TEST_F(AdmissionTest, AJobThatIsDeletedWhileItIsAdmittedLeavesNothing) {
  for (const std::string step : {"processing.json", "submissions/"}) {
    HookedStore store(store_);
    const ActionContext actions{store, queue_, *book_, clock_, 2, "test"};
    const auto admission = NewAdmission(actions, inspections_, {.models = {{models_.path()}}});
    bool deleted = false;
    store.before_write = [&](const std::string& key) {
      if (deleted || key.find(step) == std::string::npos) return;
      deleted = true;
      const auto folder =
          ParseSessionFolder(store_.ListFolders(store_.ListFolders("users/")->front())->front());
      ASSERT_TRUE(DeleteSession(actions, *folder).ok());
    };
    auto upload = admission->Start(kUser, "letter-1");
    ASSERT_TRUE((*upload)->Append(kDocument).ok());
    const auto admitted = (*upload)->Admit({});
    ASSERT_FALSE(admitted.ok());
    EXPECT_EQ(admitted.code(), ErrorCode::kConflict);
    EXPECT_TRUE(deleted);
    EXPECT_TRUE(StoreIsEmpty()) << step;
    EXPECT_TRUE(store_.ListFolders("submissions/")->empty()) << step;
  }
}

TEST_F(AdmissionTest, TheKeyOfAnExpiredJobIsFree) {
  const auto first = Submit(kDocument, {}, "letter-1");
  const ActionContext actions{store_, queue_, *book_, clock_, 2, "test"};
  ASSERT_TRUE(CancelSession(actions, first->session).ok());
  clock_.now += std::chrono::hours(24 * 8);
  const auto second = Submit(kDocument + "other", {}, "letter-1");
  ASSERT_TRUE(second.ok()) << second.error().message;
  EXPECT_TRUE(second->created);
  EXPECT_NE(second->session, first->session);
  EXPECT_FALSE(SessionExists(store_, first->session));
  EXPECT_TRUE(IsExpired(store_, first->session));
  EXPECT_EQ(Submit(kDocument + "other", {}, "letter-1")->session, second->session);
}

TEST_F(AdmissionTest, WithoutATaskTheAnswerIsUnavailableAndTheRequestMayBeRepeated) {
  queue_.broken = true;
  EXPECT_EQ(Submit(kDocument, {}, "letter-1").code(), ErrorCode::kUnavailable);
  queue_.broken = false;
  const auto again = Submit(kDocument, {}, "letter-1");
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(queue_.tasks.empty());
}

TEST_F(AdmissionTest, APasswordIsKeptUntilItIsNeeded) {
  Submission submission;
  submission.password = "open sesame";
  const auto admitted = Submit(kDocument, submission);
  ASSERT_TRUE(admitted.ok());
  EXPECT_EQ(inspector_.password_seen, "open sesame");
  EXPECT_EQ(*ReadPassword(store_, admitted->session), "open sesame");
  const std::string metadata = store_.Read(MetadataKey(admitted->session))->bytes;
  EXPECT_EQ(metadata.find("sesame"), std::string::npos);
}

TEST_F(AdmissionTest, ChecksOptionsAgainstWhatIsInstalled) {
  const ModelFolders models{{models_.path()}};
  EXPECT_TRUE(CheckJobOptions({}, models).ok());
  JobOptions klingon;
  klingon.reading.languages = {"tlh"};
  const Status missing = CheckJobOptions(klingon, models);
  EXPECT_EQ(missing.code(), ErrorCode::kMissingLanguage);
  EXPECT_NE(missing.error().message.find("installed: eng"), std::string::npos);
  JobOptions word;
  word.formats = {"docx"};
  EXPECT_EQ(CheckJobOptions(word, models).code(), ErrorCode::kUnsupportedFormat);
}

}  // namespace
}  // namespace gnosis
