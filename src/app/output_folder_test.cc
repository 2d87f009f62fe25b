#include "app/output_folder.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fstream>
#include <thread>
#include <vector>

#include "support/forwarding_store.h"
#include "support/memory_store.h"
#include "support/output_disk_model.h"

namespace gnosis {
namespace {

using ::testing::HasSubstr;
using Existing = OutputFolder::Existing;
using Path = std::filesystem::path;
using Unsynced = OutputDiskModel::Unsynced;

// The store of the records is on a failing disk, too.
class FailingStore final : public ForwardingStore {
 public:
  FailingStore(ObjectStore& store, Fault& fault) : ForwardingStore(store), fault_(fault) {}
  Result<Object> Read(const std::string& key) override {
    RETURN_IF_ERROR(fault_.Step());
    return ForwardingStore::Read(key);
  }
  Result<Generation> Write(const std::string& key, std::string_view bytes,
                           IfGeneration generation) override {
    RETURN_IF_ERROR(fault_.Step());
    return ForwardingStore::Write(key, bytes, generation);
  }

 private:
  Fault& fault_;
};

Result<FileDescriptor> Holding(const std::string& bytes) {
  FileDescriptor file(::memfd_create("result", MFD_CLOEXEC));
  EXPECT_TRUE(WriteAll(file, bytes).ok());
  return file;
}

const std::string kText = "the text of a document";
const std::string kJson = "{\"pages\": []}";
const std::string kOlder = "what was there before";
const Path kTextPath = "/out/a/scan.txt";
const Path kJsonPath = "/out/a/scan.json";

// A processed document whose results are to be delivered to /out.
struct World {
  Fault fault;
  OutputDiskModel disk{fault};
  MemoryStore memory;
  FailingStore store{memory, fault};
  WrittenResults written{store, SystemClock()};
  Existing existing = Existing::kKeep;
  int failed_pages = 0;
  std::string document = "scan.pdf in English";
  bool session_is_deleted = false;

  ResultNames Names() const { return {"a/scan", {"txt", "json"}, document}; }
  OutputFolder Folder() { return OutputFolder(disk, written, "/out", existing); }

  // The steps of a run for a final session.
  Status Deliver() {
    OutputFolder folder = Folder();
    RETURN_IF_ERROR(folder.Prepare());
    RETURN_IF_ERROR(folder.Write(Names(), failed_pages, [](const std::string& ending) {
      return Holding(ending == "txt" ? kText : kJson);
    }));
    RETURN_IF_ERROR(fault.Step());
    session_is_deleted = true;
    return Ok();
  }
  Result<OutputFolder::Found> Look() {
    OutputFolder folder = Folder();
    RETURN_IF_ERROR(folder.Prepare());
    return folder.Look(Names());
  }
  // Starts the next process; what was not synced may be lost.
  void StartAnew(Unsynced names, Unsynced bytes) {
    fault = Fault{};
    disk.LosePower(names, bytes);
  }
};

TEST(OutputFolder, HoldsResultsThatAreDurable) {
  World world;
  const Status delivered = world.Deliver();
  ASSERT_TRUE(delivered.ok()) << delivered.error().message;
  world.StartAnew(Unsynced::kLost, Unsynced::kLost);
  EXPECT_EQ(world.disk.Read(kTextPath), kText);
  EXPECT_EQ(world.disk.Read(kJsonPath), kJson);
  EXPECT_FALSE(world.disk.HasParts());
}

TEST(OutputFolder, KnowsWhatIsThereFromTheSameDocument) {
  World world;
  EXPECT_FALSE(world.Look()->complete);
  ASSERT_TRUE(world.Deliver().ok());
  EXPECT_TRUE(world.Look()->complete);
  EXPECT_FALSE(world.Look()->foreign);
  world.document = "scan.pdf in German";
  EXPECT_FALSE(world.Look()->complete);
  EXPECT_TRUE(world.Look()->foreign);
}

TEST(OutputFolder, IsNotCompleteWhenAPageFailedOrAFormatIsMissing) {
  World world;
  world.failed_pages = 1;
  ASSERT_TRUE(world.Deliver().ok());
  EXPECT_FALSE(world.Look()->complete);
  EXPECT_FALSE(world.Look()->foreign);
  world.failed_pages = 0;
  ASSERT_TRUE(world.Deliver().ok());
  EXPECT_TRUE(world.Look()->complete);
  ASSERT_TRUE(world.disk.Remove(kJsonPath).ok());
  EXPECT_FALSE(world.Look()->complete);
}

TEST(OutputFolder, KeepsWhatIsForeign) {
  World world;
  world.disk.PutForGood(kJsonPath, kOlder);
  EXPECT_EQ(world.Look()->foreign, kJsonPath);
  const Status delivered = world.Deliver();
  ASSERT_FALSE(delivered.ok());
  EXPECT_EQ(delivered.code(), ErrorCode::kPreconditionFailed);
  EXPECT_THAT(delivered.error().hint, HasSubstr("--overwrite"));
  EXPECT_EQ(world.disk.Read(kJsonPath), kOlder);
  EXPECT_EQ(world.disk.Read(kTextPath), std::nullopt) << "half of the results were written";
}

TEST(OutputFolder, TakesAResultThatSomebodyChangedForForeign) {
  World world;
  ASSERT_TRUE(world.Deliver().ok());
  world.disk.PutForGood(kTextPath, kText + " with a note");
  EXPECT_EQ(world.Look()->foreign, kTextPath);
  EXPECT_FALSE(world.Deliver().ok());
}

TEST(OutputFolder, ReplacesWhatIsForeignWhenAllowedTo) {
  World world;
  world.disk.PutForGood(kTextPath, kOlder);
  world.existing = Existing::kOverwrite;
  EXPECT_FALSE(world.Look()->foreign);
  ASSERT_TRUE(world.Deliver().ok());
  EXPECT_EQ(world.disk.Read(kTextPath), kText);
}

TEST(OutputFolder, WelcomesTheSameBytesWhoeverWroteThem) {
  World world;
  world.disk.PutUnsynced(kTextPath, kText);
  ASSERT_TRUE(world.Deliver().ok());
  EXPECT_TRUE(world.Look()->complete);
  world.StartAnew(Unsynced::kLost, Unsynced::kLost);
  EXPECT_EQ(world.disk.Read(kTextPath), kText);
}

TEST(OutputFolder, DoesNotReplaceWhatComesAtTheLastMoment) {
  World world;
  world.disk.before_publish = [&] { world.disk.PutForGood(kTextPath, kOlder); };
  const Status delivered = world.Deliver();
  ASSERT_FALSE(delivered.ok());
  EXPECT_EQ(delivered.code(), ErrorCode::kPreconditionFailed);
  EXPECT_EQ(world.disk.Read(kTextPath), kOlder);
  EXPECT_FALSE(world.disk.HasParts());
}

// Before the delivery that fails: which file is in /out.
enum class Before { kNothing, kOurOlderResult, kForeign };

void Furnish(World& world, Before before) {
  if (before == Before::kNothing) return;
  world.disk.PutForGood(kTextPath, kOlder);
  if (before == Before::kForeign) {
    world.existing = Existing::kOverwrite;
    return;
  }
  OutputFolder folder = world.Folder();
  ASSERT_TRUE(folder.Prepare().ok());
  ASSERT_TRUE(
      world.written.Note(kTextPath, {world.document, Sha256Hex(kOlder), /*failed_pages=*/1}).ok());
}

bool IsWhole(const std::optional<std::string>& bytes, const std::string& wanted, Before before) {
  if (bytes == wanted) return true;
  return before == Before::kNothing ? !bytes : !bytes || bytes == kOlder;
}

int StepsOfDelivery(Before before) {
  World world;
  Furnish(world, before);
  world.fault = Fault{};
  EXPECT_TRUE(world.Deliver().ok());
  return world.fault.steps;
}

struct Case {
  Before before;
  Fault::Kind kind;
  Unsynced names;
  Unsynced bytes;
};

void FailAtStep(const Case& with, int step) {
  World world;
  Furnish(world, with.before);
  world.fault = Fault{.kind = with.kind, .at = step};
  const Status delivered = world.Deliver();
  ASSERT_GT(world.fault.steps, step) << "the fault did not happen";
  EXPECT_FALSE(delivered.ok());
  EXPECT_FALSE(world.session_is_deleted);

  world.StartAnew(with.names, with.bytes);
  EXPECT_TRUE(IsWhole(world.disk.Read(kTextPath), kText, with.before));
  EXPECT_TRUE(IsWhole(world.disk.Read(kJsonPath), kJson, Before::kNothing));

  const Status repeated = world.Deliver();
  ASSERT_TRUE(repeated.ok()) << repeated.error().message;
  EXPECT_TRUE(world.session_is_deleted);
  world.StartAnew(Unsynced::kLost, Unsynced::kLost);
  EXPECT_EQ(world.disk.Read(kTextPath), kText);
  EXPECT_EQ(world.disk.Read(kJsonPath), kJson);
  EXPECT_FALSE(world.disk.HasParts());
  EXPECT_TRUE(world.Look()->complete);
}

TEST(OutputFolder, SurvivesAFaultAtEveryStep) {
  int faults = 0;
  int expected = 0;
  for (const Before before : {Before::kNothing, Before::kOurOlderResult, Before::kForeign}) {
    const int steps = StepsOfDelivery(before);
    ASSERT_GE(steps, 25);
    for (const auto kind : {Fault::Kind::kDiskFull, Fault::Kind::kIo, Fault::Kind::kPermission,
                            Fault::Kind::kDeath}) {
      for (const Unsynced names : {Unsynced::kKept, Unsynced::kLost}) {
        for (const Unsynced bytes : {Unsynced::kKept, Unsynced::kLost}) {
          expected += steps;
          for (int step = 0; step < steps; ++step) {
            SCOPED_TRACE(testing::Message()
                         << "step " << step << ", fault " << int(kind) << ", before " << int(before)
                         << ", names " << int(names) << ", bytes " << int(bytes));
            FailAtStep({before, kind, names, bytes}, step);
            if (testing::Test::HasFatalFailure()) return;
            ++faults;
          }
        }
      }
    }
  }
  EXPECT_EQ(faults, expected);
}

// On a real file system.
class OutputDiskTest : public ::testing::Test {
 protected:
  Status Deliver(const std::string& name, const std::string& text,
                 Existing existing = Existing::kKeep) {
    OutputFolder folder(*disk_, written_, out_, existing);
    RETURN_IF_ERROR(folder.Prepare());
    return folder.Write({name, {"txt"}, text}, 0,
                        [&](const std::string&) { return Holding(text); });
  }
  std::vector<std::string> Files() const {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(out_)) {
      if (!entry.is_directory()) files.push_back(entry.path().lexically_relative(out_).string());
    }
    std::sort(files.begin(), files.end());
    return files;
  }

  TemporaryFolder folder_;
  Path out_ = folder_.path() / "x/out";
  std::unique_ptr<OutputDisk> disk_ = NewOutputDisk();
  MemoryStore store_;
  WrittenResults written_{store_, SystemClock()};
};

TEST_F(OutputDiskTest, WritesAndNeverReplaces) {
  const std::string large(3 << 20, 'x');
  ASSERT_TRUE(Deliver("a/b/scan", large).ok());
  EXPECT_EQ(*ReadFile(out_ / "a/b/scan.txt"), large);
  EXPECT_FALSE(Deliver("a/b/scan", "other").ok());
  EXPECT_EQ(*ReadFile(out_ / "a/b/scan.txt"), large);
  ASSERT_TRUE(Deliver("a/b/scan", "other", Existing::kOverwrite).ok());
  EXPECT_EQ(*ReadFile(out_ / "a/b/scan.txt"), "other");
  EXPECT_THAT(Files(), testing::ElementsAre("a/b/scan.txt"));
}

TEST_F(OutputDiskTest, TakesALongName) {
  EXPECT_TRUE(Deliver(std::string(251, 'n'), "text").ok());
  const Status delivered = Deliver(std::string(252, 'n'), "text");
  ASSERT_FALSE(delivered.ok());
  EXPECT_EQ(delivered.code(), ErrorCode::kIo);
}

TEST_F(OutputDiskTest, RefusesALinkToNowhereAndAFolder) {
  std::filesystem::create_directories(out_ / "folder.txt");
  std::filesystem::create_symlink("nowhere", out_ / "link.txt");
  EXPECT_EQ(Deliver("link", "text").code(), ErrorCode::kPreconditionFailed);
  EXPECT_EQ(Deliver("folder", "text", Existing::kOverwrite).code(), ErrorCode::kPreconditionFailed);
}

TEST_F(OutputDiskTest, SaysThatTheFolderIsAFile) {
  std::filesystem::create_directories(out_.parent_path());
  std::ofstream(out_) << "file";
  const Status delivered = Deliver("scan", "text");
  ASSERT_FALSE(delivered.ok());
  EXPECT_EQ(delivered.code(), ErrorCode::kIo);
  EXPECT_THAT(delivered.error().message, HasSubstr("is not a folder"));
}

// Death between link() and unlink(), where renameat2() does not support flags.
TEST_F(OutputDiskTest, DoesNotEmptyAResultThroughItsOtherName) {
  ASSERT_TRUE(Deliver("scan", "text").ok());
  const Path part = out_ / ".gnosis-ocr-0.part";
  std::filesystem::create_hard_link(out_ / "scan.txt", part);
  {
    const auto file = disk_->StartPart(part);
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE((*file)->Append("other").ok());
  }
  EXPECT_EQ(*ReadFile(out_ / "scan.txt"), "text");
  EXPECT_EQ(*ReadFile(part), "other");
}

TEST_F(OutputDiskTest, OfSeveralWritersOneWinsAndNothingIsMixed) {
  for (int round = 0; round < 30; ++round) {
    const std::string name = "scan" + std::to_string(round);
    std::atomic<int> delivered = 0;
    {
      std::vector<std::jthread> writers;
      for (const char c : {'a', 'b', 'c', 'd'}) {
        writers.emplace_back([&, c] {
          const Status written = Deliver(name, std::string(100'000, c));
          if (written.ok()) {
            ++delivered;
          } else {
            EXPECT_EQ(written.code(), ErrorCode::kPreconditionFailed) << written.error().message;
          }
        });
      }
    }
    EXPECT_EQ(delivered, 1);
    const std::string text = *ReadFile(out_ / (name + ".txt"));
    EXPECT_EQ(text, std::string(100'000, text[0]));
  }
  EXPECT_EQ(Files().size(), 30u) << "a part was left";
}

}  // namespace
}  // namespace gnosis
