// `serve` on one machine: what it refuses, in which order it starts, what it serves, how it ends.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>

#include "app/folder_lock.h"
#include "door/key_ring.h"
#include "session/disk_store.h"
#include "support/service_fixture.h"
#include "task/partial_uploads.h"

namespace gnosis {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class ServeTest : public ServiceTest {
 protected:
  Path Data(const std::string& name) const { return settings_.data_dir / name; }
  Path FolderOf(const SessionKey& session) const { return Data(SessionFolder(session)); }
  // What a crash left: start-up removes it.
  Path PutRubbish() {
    const Path path = Data("users/.tmp-1");
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << "half a file";
    return path;
  }
  void AddKey() {
    std::filesystem::create_directories(settings_.data_dir);
    const auto store = NewDiskStore(settings_.data_dir);
    const Status added = ChangeApiKeys(*store, [](std::vector<ApiKey>& keys) {
      return AddApiKey(keys, "desk", "ada@example.org", "secret", SystemClock().Now());
    });
    ASSERT_TRUE(added.ok());
  }
  // What runs from now on may not do all that root may.
  void BecomeNobody() {
    for (const Path& folder : {folder_.path(), models_.path()}) {
      std::filesystem::permissions(folder, std::filesystem::perms(0755));
    }
    is_nobody_ = true;
  }
  // Every page is told before it is read.
  void TellPages() {
    log_.before_read = [](int page) {
      Log(LogLevel::kInfo, fmt::format("reading page {}", page));
      return Ok();
    };
  }
  // As if it had been done long ago.
  static void Antedate(const Path& file, std::initializer_list<const char*> fields) {
    Json json = *ParseJson(Read(file));
    for (const char* field : fields) {
      ASSERT_TRUE(json.contains(field)) << json.dump();
      json[field] = "2001-01-01T00:00:00.000Z";
    }
    Overwrite(file, json.dump());
  }
};

TEST_F(ServeTest, SaysWhereItListensAndOnWhat) {
  ServiceProcess service(Serve());
  const std::string line = service.AwaitListening();
  EXPECT_THAT(line, HasSubstr(fmt::format("url=http://127.0.0.1:{}", service.port())));
  EXPECT_THAT(line, HasSubstr("data=" + settings_.data_dir.string()));
  EXPECT_THAT(line, HasSubstr("workers=2"));
  EXPECT_THAT(line, HasSubstr("sandbox=\"" + DescribeSeal(*seal_) + "\""));
  EXPECT_EQ(service.Ask("GET", "/livez").status, 200);
  EXPECT_EQ(service.Ask("GET", "/readyz").status, 200);
}

TEST_F(ServeTest, ReadsWhatIsSubmitted) {
  ServiceProcess service(Serve());
  service.AwaitListening();
  const std::string job = Submit(service, "%PDF-1.7 pages=2");
  EXPECT_EQ(TextOf(service, job), "words of page 1\n\fwords of page 2\n");
  EXPECT_THAT(service.Ask("GET", "/metrics").body, HasSubstr("gnosis"));
}

TEST_F(ServeTest, EndsWellByEverySignal) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    ServiceProcess service(Serve());
    service.AwaitListening();
    EXPECT_EQ(service.EndBy(signal), ExitCode::kOk) << signal;
    EXPECT_THAT(service.said(), HasSubstr(" stopping\n"));
    EXPECT_FALSE(TestClient(service.port()).connected());
    const auto lock = FolderLock::Try(settings_.data_dir, LockKind::kAlone);
    EXPECT_TRUE(lock.ok() && lock->has_value()) << "the folder is still in use";
  }
}

TEST_F(ServeTest, EndsAlsoWhenItIsToldToWhileItStarts) {
  ServiceProcess service([&] {
    return RunServe(settings_, [&](const Settings&) {
      ::kill(::getpid(), SIGTERM);
      return MakeServiceHome();
    });
  });
  EXPECT_EQ(service.AwaitEnd(), ExitCode::kOk);
}

// No page in hand is thrown away, and none is lost.
TEST_F(ServeTest, APageInHandIsFinishedAndTheNextServiceGoesOn) {
  Use({{"OCR_WORKERS", "1"}});
  std::array<int, 2> gate{};
  ASSERT_EQ(::pipe2(gate.data(), O_CLOEXEC), 0);
  const FileDescriptor wait_end(gate[0]);
  const FileDescriptor open_end(gate[1]);
  log_.before_read = [&](int page) {
    Log(LogLevel::kInfo, fmt::format("reading page {}", page));
    char byte;
    (void)!::read(wait_end.get(), &byte, 1);
    return Ok();
  };
  std::string job;
  {
    ServiceProcess service(Serve());
    service.AwaitListening();
    job = Submit(service, "%PDF-1.7 pages=3");
    service.AwaitLine("reading page 1");
    service.Send(SIGTERM);
    service.AwaitLine(" stopping\n");
    ASSERT_EQ(::write(open_end.get(), "123", 3), 3);
    EXPECT_EQ(service.AwaitEnd(), ExitCode::kOk);
  }
  const Path folder = FolderOf({UserHash(kLocalUserEmail), job});
  EXPECT_TRUE(std::filesystem::exists(folder / "page_001_result.json"));
  TellPages();
  ServiceProcess next(Serve());
  next.AwaitListening();
  EXPECT_THAT(TextOf(next, job), HasSubstr("words of page 3\n"));
  EXPECT_EQ(next.EndBy(SIGTERM), ExitCode::kOk);
  EXPECT_THAT(next.said(), Not(HasSubstr("reading page 1")));
}

TEST_F(ServeTest, RecoversBeforeItListens) {
  const SessionKey session = Begin("%PDF-1.7 pages=2");
  const SessionKey half = Begin("%PDF-1.7 pages=1");
  std::filesystem::remove(FolderOf(half) / "metadata.json");
  const SessionKey deleted = Begin("%PDF-1.7 pages=1");
  const Path tombstone = Data(DeletedKey(deleted));
  std::filesystem::create_directories(tombstone.parent_path());
  std::ofstream(tombstone) << "";
  const Path rubbish = PutRubbish();
  ServiceProcess service(Serve());
  EXPECT_THAT(service.AwaitLine(" recovered "),
              HasSubstr("unfinished=1 enqueued=1 abandoned_uploads=1 deletions=1"));
  service.AwaitListening();
  EXPECT_FALSE(std::filesystem::exists(rubbish));
  EXPECT_FALSE(std::filesystem::exists(FolderOf(half)));
  EXPECT_FALSE(std::filesystem::exists(FolderOf(deleted)));
  EXPECT_EQ(TextOf(service, session.session_id), "words of page 1\n\fwords of page 2\n");
}

TEST_F(ServeTest, SaysNothingOfRecoveryWhenThereIsNothingToRecover) {
  ServiceProcess service(Serve());
  service.AwaitListening();
  EXPECT_EQ(service.EndBy(SIGTERM), ExitCode::kOk);
  EXPECT_THAT(service.said(), Not(HasSubstr("recovered")));
  EXPECT_THAT(service.said(), Not(HasSubstr("warning")));
}

// A process that was killed held its page under a lease that still runs.
TEST_F(ServeTest, RecoversAtOnceWhatAKilledServiceHadInHand) {
  Use({{"OCR_WORKERS", "1"}});
  log_.before_read = [](int page) {
    Log(LogLevel::kInfo, fmt::format("reading page {}", page));
    while (page == 2) ::pause();
    return Ok();
  };
  std::string job;
  {
    ServiceProcess service(Serve());
    service.AwaitListening();
    job = Submit(service, "%PDF-1.7 pages=2");
    service.AwaitLine("reading page 2");
    service.Kill();
  }
  TellPages();
  ServiceProcess next(Serve());
  next.AwaitListening();
  EXPECT_EQ(TextOf(next, job), "words of page 1\n\fwords of page 2\n");
  EXPECT_EQ(next.EndBy(SIGTERM), ExitCode::kOk);
  EXPECT_THAT(next.said(), AllOf(HasSubstr("reading page 2"), Not(HasSubstr("reading page 1"))));
}

TEST_F(ServeTest, SweepsWhatHasExpired) {
  std::string job;
  {
    ServiceProcess service(Serve());
    service.AwaitListening();
    job = Submit(service, "%PDF-1.7 pages=1");
    TextOf(service, job);
    EXPECT_EQ(service.EndBy(SIGTERM), ExitCode::kOk);
  }
  const Path folder = FolderOf({UserHash(kLocalUserEmail), job});
  Antedate(folder / "metadata.json", {"expires_at", "created_at"});
  Antedate(folder / "processing.json", {"updated_at"});
  const auto store = NewDiskStore(settings_.data_dir);
  const auto uploads =
      NewDiskPartialUploads(settings_.data_dir, *store, SystemClock(), {.ttl = Seconds(-1)});
  const auto upload = uploads->Create({std::string(kLocalUserEmail), 100, "scan.pdf", "", ""});
  ASSERT_TRUE(upload.ok());
  std::ofstream(Data(UploadDataKey(upload->key))) << "a piece of it";
  ServiceProcess service(Serve());
  EXPECT_THAT(service.AwaitLine(" swept "), HasSubstr("expired=1"));
  EXPECT_THAT(service.AwaitLine(" swept uploads "), HasSubstr("expired=1"));
  EXPECT_FALSE(std::filesystem::exists(folder));
}

TEST_F(ServeTest, IsRefusedOverAFolderThatIsInUse) {
  const Path rubbish = PutRubbish();
  for (const LockKind kind : {LockKind::kAlone, LockKind::kShared}) {
    const auto other = FolderLock::Try(settings_.data_dir, kind);
    ASSERT_TRUE(other.ok() && other->has_value());
    const Refusal refusal = Refused();
    EXPECT_EQ(refusal.code, ExitCode::kEnvironment);
    EXPECT_EQ(refusal.said, "gnosis-ocr: another gnosis-ocr is using " +
                                settings_.data_dir.string() +
                                "\n  stop it, or set GNOSIS_DATA_DIR to another folder\n");
  }
  EXPECT_TRUE(std::filesystem::exists(rubbish)) << "it may be somebody's file";
}

TEST_F(ServeTest, TwoServicesDoNotShareAFolder) {
  ServiceProcess service(Serve());
  service.AwaitListening();
  EXPECT_THAT(Refused().said, HasSubstr("another gnosis-ocr is using"));
  EXPECT_EQ(service.Ask("GET", "/livez").status, 200);
}

// Its exit code was that of input that is missing.
TEST_F(ServeTest, IsRefusedWhereThereCanBeNoFolder) {
  std::ofstream(folder_.path() / "file") << "x";
  Use({{"GNOSIS_DATA_DIR", (folder_.path() / "file" / "data").string()}});
  const Refusal refusal = Refused();
  EXPECT_EQ(refusal.code, ExitCode::kEnvironment);
  EXPECT_THAT(refusal.said, StartsWith("gnosis-ocr: " + settings_.data_dir.string() + ": "));
}

TEST_F(ServeTest, OnANetworkIsRefusedWithoutKeys) {
  const Path rubbish = PutRubbish();
  Use({{"HOST", "192.0.2.1"}});  // of no machine: nobody can reach what fails to be refused
  const Refusal refusal = Refused();
  EXPECT_EQ(refusal.code, ExitCode::kEnvironment);
  EXPECT_THAT(refusal.said, StartsWith("gnosis-ocr: 192.0.2.1 is not a loopback address, and there "
                                       "are no API keys\n  add a key with: gnosis-ocr keys add"));
  EXPECT_TRUE(std::filesystem::exists(rubbish));
}

// It comes as far as to listen, which it cannot at this address.
TEST_F(ServeTest, OnANetworkStartsWithKeysOrTheWillToDoWithout) {
  Use({{"HOST", "192.0.2.1"}, {"INSECURE_NO_AUTH", "true"}});
  const Refusal open = Refused();
  EXPECT_EQ(open.code, ExitCode::kEnvironment);
  EXPECT_THAT(open.said, HasSubstr("everybody who can reach the service may use it"));
  EXPECT_THAT(open.said, HasSubstr("gnosis-ocr: cannot listen on 192.0.2.1:0: "));
  Use({{"HOST", "192.0.2.1"}});
  AddKey();
  EXPECT_THAT(Refused().said, StartsWith("gnosis-ocr: cannot listen on 192.0.2.1:0: "));
}

TEST_F(ServeTest, KeysCountOnLoopbackToo) {
  AddKey();
  ServiceProcess service(Serve());
  service.AwaitListening();
  EXPECT_EQ(service.Ask("GET", "/api/v1/jobs").status, 401);
  EXPECT_EQ(service.Ask("GET", "/api/v1/jobs", "", "Authorization: Bearer secret\r\n").status, 200);
}

// Its exit code was that of a document that is damaged.
TEST_F(ServeTest, IsRefusedWhenItsKeysAreDamaged) {
  AddKey();
  Overwrite(Data(std::string(kApiKeysKey)), "{");
  const Refusal refusal = Refused();
  EXPECT_EQ(refusal.code, ExitCode::kEnvironment);
  EXPECT_THAT(refusal.said, AllOf(StartsWith("gnosis-ocr: " + std::string(kApiKeysKey) + ": "),
                                  HasSubstr("\n  repair or delete the file")));
}

TEST_F(ServeTest, IsRefusedWhenPageChildrenCannotBeSealed) {
  const Path rubbish = PutRubbish();
  seal_ = Error{ErrorCode::kIo, "there is no seccomp", "use another kernel"};
  const Refusal refusal = Refused();
  EXPECT_EQ(refusal.code, ExitCode::kEnvironment);
  EXPECT_EQ(refusal.said, "gnosis-ocr: there is no seccomp\n  use another kernel\n");
  EXPECT_TRUE(std::filesystem::exists(rubbish));
}

TEST_F(ServeTest, IsRefusedWhenItsPortIsTaken) {
  TellPages();
  const SessionKey session = Begin("%PDF-1.7 pages=1");
  const Path rubbish = PutRubbish();
  const TakenPort taken;
  Use({{"PORT", taken.port()}});
  const Refusal refusal = Refused();
  EXPECT_EQ(refusal.code, ExitCode::kEnvironment);
  EXPECT_THAT(refusal.said, HasSubstr("gnosis-ocr: cannot listen on 127.0.0.1:" + taken.port()));
  EXPECT_THAT(refusal.said, HasSubstr("\n  choose another address or port"));
  EXPECT_THAT(refusal.said, Not(HasSubstr("reading page"))) << "it works, but nobody can ask it";
  EXPECT_FALSE(std::filesystem::exists(rubbish)) << "it would listen before it has recovered";
  Use({});
  ServiceProcess service(Serve());
  service.AwaitListening();
  EXPECT_EQ(TextOf(service, session.session_id), "words of page 1\n");
}

TEST_F(ServeTest, IsRefusedWhenWhatIsThereMayNotBeRead) {
  const Path markers = Data("unfinished");
  std::filesystem::create_directories(markers);
  std::filesystem::permissions(markers, std::filesystem::perms::none);
  BecomeNobody();
  const Refusal refusal = Refused();
  EXPECT_EQ(refusal.code, ExitCode::kEnvironment);
  EXPECT_THAT(refusal.said, AllOf(HasSubstr(markers.string()), HasSubstr("Permission denied")));
  std::filesystem::permissions(markers, std::filesystem::perms::owner_all);
}

// Finished jobs can still be fetched.
TEST_F(ServeTest, OverAFolderThatCannotBeWrittenToIsNotReady) {
  std::filesystem::create_directories(settings_.data_dir);
  std::filesystem::permissions(settings_.data_dir, std::filesystem::perms(0555));
  BecomeNobody();
  ServiceProcess service(Serve());
  service.AwaitListening();
  const TestResponse ready = service.Ask("GET", "/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_THAT(ready.body, HasSubstr("\"failed\":[\"disk\"]"));
  EXPECT_EQ(service.EndBy(SIGTERM), ExitCode::kOk);
}

}  // namespace
}  // namespace gnosis
