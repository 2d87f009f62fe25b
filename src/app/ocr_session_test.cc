#include "app/ocr_session.h"

#include <gmock/gmock.h>

#include "support/home_fixture.h"
#include "task/job_actions.h"

namespace gnosis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using Earlier = SessionOpener::Earlier;
using Decision = SessionOpener::Decision;

Status DoNotWait() { return SessionOpener::AtWorkAlready(); }

class OcrSessionTest : public HomeTest {
 protected:
  OcrSessionTest() {
    arguments_.output_folder = folder_.path() / "out";
    arguments_.options.formats = {"txt"};
    letter_ = PutDocument("letter.pdf");
  }

  Result<std::optional<HeldSession>> TryOpen(const Path& file,
                                             const KeepWaiting& keep_waiting = DoNotWait) {
    return SessionOpener(*home_, arguments_)
        .Open(
            file,
            [&](const std::string&, Earlier earlier) -> Result<Decision> {
              earlier_ = earlier;
              when_decided_();
              return decision_;
            },
            keep_waiting);
  }
  HeldSession Open(const Path& file) {
    auto opened = TryOpen(file);
    if (opened.ok() && *opened) return **std::move(opened);
    ADD_FAILURE() << (opened.ok() ? "skipped" : opened.error().message);
    return {};
  }
  // By a run that then dies.
  SessionKey OpenAndDie(const Path& file) {
    const SessionKey session = Open(file).key;
    StartHome();
    return session;
  }
  SessionKey ReadAndDie(const Path& file) {
    const HeldSession held = Open(file);
    ReadToTheEnd(held.key);
    return held.key;
  }
  void ResumeInAnotherProcess(const SessionKey& session) {
    std::unique_ptr<Home> mine = std::move(home_);
    StartHome();
    EXPECT_TRUE(ResumeSession(home_->actions(), session, std::string(kLocalUserEmail)).ok());
    ReadToTheEnd(session);
    home_ = std::move(mine);
  }
  void ExpectAnother(const SessionKey& session) {
    EXPECT_NE(OpenAndDie(letter_), session);
    EXPECT_EQ(earlier_, Earlier::kNothing);
  }

  OcrArguments arguments_;
  Path letter_;
  Decision decision_ = Decision::kRead;
  std::function<void()> when_decided_ = [] {};
  Earlier earlier_ = Earlier::kNothing;
};

TEST_F(OcrSessionTest, TheSameCommandGoesOn) {
  const SessionKey first = OpenAndDie(letter_);
  EXPECT_EQ(earlier_, Earlier::kNothing);
  const HeldSession held = Open(letter_);
  EXPECT_EQ(held.key, first);
  EXPECT_EQ(earlier_, Earlier::kUnfinished);
  EXPECT_EQ(ReadToTheEnd(held.key).pages.completed, 3);
  EXPECT_THAT(log_.Take(), ElementsAre(1, 2, 3));
}

TEST_F(OcrSessionTest, TheSameBytesInAnotherFolderGoOn) {
  const SessionKey first = OpenAndDie(letter_);
  EXPECT_EQ(Open(PutDocument("copies/letter.pdf")).key, first);
}

TEST_F(OcrSessionTest, OtherBytesOrAnotherNameAreAnotherDocument) {
  const SessionKey first = OpenAndDie(letter_);
  EXPECT_NE(OpenAndDie(PutDocument("note.pdf")), first);
  PutDocument("letter.pdf", "%PDF-1.7 pages=4");
  ExpectAnother(first);
  EXPECT_THAT(Sessions(), SizeIs(3));
}

TEST_F(OcrSessionTest, OtherOptionsAreAnotherSession) {
  const SessionKey first = OpenAndDie(letter_);
  const OcrArguments before = arguments_;
  arguments_.options.reading.dpi = 150;
  ExpectAnother(first);
  arguments_ = before;
  arguments_.options.reading.languages = {"deu"};
  ExpectAnother(first);
  arguments_ = before;
  arguments_.options.pages = {{1, 2}};
  ExpectAnother(first);
  arguments_ = before;
  arguments_.options.formats = {"txt", "json"};
  ExpectAnother(first);
  arguments_ = before;
  arguments_.output_folder.reset();
  ExpectAnother(first);
}

TEST_F(OcrSessionTest, WhereResultsGoMakesNoDifference) {
  const SessionKey first = OpenAndDie(letter_);
  arguments_.output_folder = folder_.path() / "elsewhere";
  EXPECT_EQ(Open(letter_).key, first);
}

TEST_F(OcrSessionTest, ForceStartsAfresh) {
  const SessionKey first = OpenAndDie(letter_);
  arguments_.earlier_run = OcrArguments::EarlierRun::kForget;
  ExpectAnother(first);
  EXPECT_THAT(Sessions(), SizeIs(1));
}

TEST_F(OcrSessionTest, AFinishedOneIsNotReadAgain) {
  const SessionKey first = ReadAndDie(letter_);
  StartHome();
  log_.Take();
  EXPECT_EQ(Open(letter_).key, first);
  EXPECT_EQ(earlier_, Earlier::kFinal);
  EXPECT_EQ(ReadToTheEnd(first).pages.completed, 3);
  EXPECT_THAT(log_.Take(), SizeIs(0));
}

TEST_F(OcrSessionTest, FailedPagesAreTriedOnceMore) {
  const Path file = PutDocument("bad.pdf", "%PDF-1.7 pages=3 bad=2");
  const SessionKey first = ReadAndDie(file);
  StartHome();
  log_.Take();
  EXPECT_EQ(Open(file).key, first);
  EXPECT_EQ(earlier_, Earlier::kFinal);
  EXPECT_EQ(ReadToTheEnd(first).pages.failed, 1);
  EXPECT_THAT(log_.Take(), ElementsAre(2));
}

TEST_F(OcrSessionTest, OneThatIsSkippedLeavesNothing) {
  decision_ = Decision::kSkip;
  const auto opened = TryOpen(letter_);
  ASSERT_TRUE(opened.ok());
  EXPECT_FALSE(*opened);
  EXPECT_THAT(Sessions(), SizeIs(0));
  decision_ = Decision::kRead;
  EXPECT_TRUE(TryOpen(letter_).ok());  // no lock is held
}

TEST_F(OcrSessionTest, OneThatIsBeingReadIsWaitedFor) {
  std::optional<HeldSession> held = Open(letter_);
  const SessionKey first = held->key;
  EXPECT_EQ(TryOpen(letter_).code(), ErrorCode::kUnavailable);
  int asked = 0;
  const auto opened = TryOpen(letter_, [&]() -> Status {
    if (++asked == 2) held.reset();
    return Ok();
  });
  ASSERT_TRUE(opened.ok() && *opened);
  EXPECT_EQ((*opened)->key, first);
  EXPECT_EQ(asked, 2);
}

TEST_F(OcrSessionTest, WaitingEndsWithAnInterruption) {
  const HeldSession held = Open(letter_);
  const auto opened = TryOpen(letter_, []() -> Status {
    return Error{ErrorCode::kInterrupted, "interrupted", ""};
  });
  EXPECT_EQ(opened.code(), ErrorCode::kInterrupted);
}

// `resume` works on a session directory, whichever document it belongs to.
TEST_F(OcrSessionTest, WhatResumeReadMeanwhileIsNotReadAgain) {
  const SessionKey first = OpenAndDie(letter_);
  std::optional<FolderLock> resume =
      *FolderLock::Try(FolderOf(first) / "original.pdf", LockKind::kAlone);
  ASSERT_TRUE(resume);
  const auto opened = TryOpen(letter_, [&]() -> Status {
    ResumeInAnotherProcess(first);
    resume.reset();
    return Ok();
  });
  ASSERT_TRUE(opened.ok() && *opened) << opened.error().message;
  log_.Take();
  EXPECT_EQ(ReadToTheEnd(first).pages.completed, 3);
  EXPECT_THAT(log_.Take(), SizeIs(0));
}

TEST_F(OcrSessionTest, AFileThatChangesMeanwhileIsRefused) {
  when_decided_ = [&] { PutDocument("letter.pdf", "%PDF-1.7 pages=4"); };
  const auto opened = TryOpen(letter_);
  EXPECT_EQ(opened.code(), ErrorCode::kDamaged);
  EXPECT_THAT(opened.error().message, HasSubstr("changed while"));
  EXPECT_THAT(Sessions(), SizeIs(0));
}

TEST_F(OcrSessionTest, WhatCannotBeReadIsTheInputsFaultAndLeavesNothing) {
  EXPECT_EQ(TryOpen(folder_.path() / "absent.pdf").code(), ErrorCode::kNotFound);
  EXPECT_EQ(TryOpen(folder_.path()).code(), ErrorCode::kDamaged);
  EXPECT_EQ(TryOpen(PutDocument("a.pdf", "no document")).code(), ErrorCode::kUnsupportedMediaType);
  EXPECT_EQ(TryOpen(PutDocument("a.pdf", "%PDF-1.7 torn")).code(), ErrorCode::kDamaged);
  const Path encrypted = PutDocument("b.pdf", "%PDF-1.7 encrypted");
  EXPECT_EQ(TryOpen(encrypted).code(), ErrorCode::kPasswordRequired);
  EXPECT_THAT(Sessions(), SizeIs(0));
  arguments_.password = "open sesame";
  EXPECT_EQ(ReadToTheEnd(Open(encrypted).key).pages.completed, 1);
}

TEST_F(OcrSessionTest, OneWhoseDeletionWasCutShortStartsAfresh) {
  const SessionKey first = OpenAndDie(letter_);
  ASSERT_TRUE(CancelSession(home_->actions(), first).ok());
  ExpectAnother(first);
  EXPECT_THAT(Sessions(), SizeIs(1));
}

// It used to fail as "expired", an error about an existing document, until someone swept.
TEST_F(OcrSessionTest, OneThatExpiredStartsAfresh) {
  const SessionKey first = ReadAndDie(letter_);
  for (const auto& [file, name] :
       {std::pair{"metadata.json", "expires_at"}, std::pair{"metadata.json", "created_at"},
        std::pair{"processing.json", "updated_at"}}) {
    Json json = *ParseJson(Read(FolderOf(first) / file));
    ASSERT_TRUE(json.contains(name)) << json.dump();
    json[name] = "2001-01-01T00:00:00.000Z";
    Overwrite(FolderOf(first) / file, json.dump());
  }
  StartHome();
  ExpectAnother(first);
  EXPECT_THAT(Sessions(), SizeIs(1));
}

// Even --force used to fail: discarding the session required locking its original.
TEST_F(OcrSessionTest, ForceGivesUpWhatIsDamaged) {
  for (const char* file : {"metadata.json", "original.pdf"}) {
    const SessionKey first = OpenAndDie(letter_);
    if (std::string_view(file) == "original.pdf") {
      std::filesystem::remove(FolderOf(first) / file);
    } else {
      Overwrite(FolderOf(first) / file, "{");
    }
    StartHome();
    arguments_.earlier_run = OcrArguments::EarlierRun::kGoOn;
    const auto damaged = TryOpen(letter_);
    ASSERT_FALSE(damaged.ok());
    EXPECT_THAT(damaged.error().message, HasSubstr(FolderOf(first).string()));
    EXPECT_THAT(damaged.error().hint, HasSubstr("--force"));
    arguments_.earlier_run = OcrArguments::EarlierRun::kForget;
    ExpectAnother(first);
    EXPECT_THAT(Sessions(), SizeIs(1)) << file;
  }
}

}  // namespace
}  // namespace gnosis
