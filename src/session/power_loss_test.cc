// Loses power at every single step of what the store does to the disk, tries every state in which
// POSIX may leave it, and looks whether the store's promises hold.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "session/disk_store.h"
#include "support/disk_model.h"

namespace gnosis {
namespace {

constexpr const char* kRoot = "/data";

struct Version {
  std::optional<std::string> bytes;           // nothing: the object is absent
  std::optional<Generation> generation = {};  // nothing: never acknowledged, any will do
};

// Uses the store and remembers what it answered: from that follows which versions of each object
// may be found after a power loss. One, once a change is acknowledged.
class Witness {
 public:
  explicit Witness(ObjectStore& store) : store_(store) {}

  void Write(const std::string& key, const std::string& bytes,
             IfGeneration if_generation = kAnyGeneration) {
    Expect(key, bytes);
    Settle(key, store_.Write(key, bytes, if_generation));
  }

  void WriteIfUnchanged(const std::string& key, const std::string& bytes) {
    const auto info = store_.Stat(key);
    if (info.ok()) Write(key, bytes, info->generation);
  }

  void Stream(const std::string& key, const std::vector<std::string>& pieces) {
    std::string bytes;
    for (const std::string& piece : pieces) bytes += piece;
    Expect(key, bytes);
    const auto writer = store_.StartWrite(key, kAnyGeneration);
    if (!writer.ok()) return;
    for (const std::string& piece : pieces) {
      if (!(*writer)->Append(piece).ok()) return;
    }
    Settle(key, (*writer)->Commit());
  }

  void Delete(const std::string& key) {
    Expect(key, std::nullopt);
    if (store_.Delete(key, kAnyGeneration).ok()) possible_[key] = {Version{std::nullopt}};
  }

  void DeleteFolder(const std::string& folder) {
    std::vector<std::string> keys;
    for (const auto& [key, versions] : possible_) {
      if (key.starts_with(folder)) keys.push_back(key);
    }
    for (const std::string& key : keys) Expect(key, std::nullopt);
    if (!store_.DeleteFolder(folder).ok()) return;
    for (const std::string& key : keys) possible_[key] = {Version{std::nullopt}};
  }

  // What is wrong with the store found after the power loss; "" when all is well.
  std::string Judge(ObjectStore& found) const {
    for (const auto& [key, versions] : possible_) {
      const std::string complaint = JudgeObject(found, key, versions);
      if (!complaint.empty()) return complaint;
    }
    return "";
  }

 private:
  void Expect(const std::string& key, std::optional<std::string> bytes) {
    if (possible_.count(key) == 0) possible_[key] = {Version{std::nullopt}};
    possible_[key].push_back(Version{std::move(bytes)});
  }

  void Settle(const std::string& key, const Result<Generation>& written) {
    std::vector<Version>& versions = possible_[key];
    if (written.ok()) {
      versions = {Version{versions.back().bytes, *written}};
    } else if (written.code() == ErrorCode::kPreconditionFailed) {
      versions.pop_back();
    }
  }

  static std::string JudgeObject(ObjectStore& found, const std::string& key,
                                 const std::vector<Version>& versions) {
    const auto object = found.Read(key);
    if (!object.ok() && object.code() != ErrorCode::kNotFound) return object.error().message;
    const auto is_this = [&](const Version& version) {
      if (!object.ok() || !version.bytes) return !object.ok() && !version.bytes;
      return object->bytes == *version.bytes &&
             version.generation.value_or(object->generation) == object->generation;
    };
    if (std::none_of(versions.begin(), versions.end(), is_this)) {
      return fmt::format("{}: found {}", key,
                         object.ok() ? "\"" + object->bytes + "\"" : "nothing");
    }
    const auto keys = found.List(key.substr(0, key.rfind('/') + 1));
    if (!keys.ok()) return keys.error().message;
    const bool is_listed = std::count(keys->begin(), keys->end(), key) == 1;
    return is_listed == object.ok() ? "" : key + ": listing and reading disagree";
  }

  ObjectStore& store_;
  std::map<std::string, std::vector<Version>> possible_;
};

// Temporary files under `path`: those that List hides and those that it does not.
void CollectTemporaryFiles(Disk& disk, const std::string& path, std::vector<std::string>& found) {
  const auto entries = disk.List(path);
  if (!entries.ok()) return;
  for (const Disk::Entry& entry : *entries) {
    const std::string inside = path + "/" + entry.name;
    if (entry.is_folder) CollectTemporaryFiles(disk, inside, found);
    if (entry.name.find("tmp") != std::string::npos) found.push_back(inside);
  }
}

std::vector<std::string> TemporaryFilesOn(Disk& disk) {
  std::vector<std::string> found;
  CollectTemporaryFiles(disk, kRoot, found);
  return found;
}

// The next start after the power loss.
std::string JudgeNextStart(DiskModel& disk, const Witness& witness) {
  const auto store = NewDiskStore(kRoot, disk);
  std::string complaint = witness.Judge(*store);
  if (!complaint.empty()) return complaint;
  if (!RemoveTemporaryFiles(kRoot, "", disk).ok()) return "temporary files cannot be removed";
  if (!TemporaryFilesOn(disk).empty()) return "temporary files are left";
  complaint = witness.Judge(*store);
  if (!complaint.empty()) return "after the removal of temporary files: " + complaint;
  const bool goes_on = store->Write("users/a/1/processing.json", "goes on", kAnyGeneration).ok();
  return goes_on ? "" : "cannot be written any more";
}

struct Verdict {
  std::string complaint;  // the first one
  int outcomes = 0;       // states of the disk that were looked at
};

// Over all states that the loss may leave.
Verdict JudgeAllOutcomes(const DiskModel& disk, const Witness& witness) {
  Verdict verdict;
  Choices choices;
  do {
    const auto survivor = disk.AfterPowerLoss(choices);
    verdict.complaint = JudgeNextStart(*survivor, witness);
    ++verdict.outcomes;
  } while (verdict.complaint.empty() && choices.Next());
  return verdict;
}

struct Scenario {
  const char* name;
  std::function<void(Witness&)> run;
  int steps;  // that change the disk
  int steps_that_need_room;
};

// What is in the store beforehand: neighbours that must not be harmed, objects to be changed.
void Furnish(Witness& witness) {
  for (const char* key : {"users/a/1/metadata.json", "users/a/1/processing.json",
                          "users/a/1/page_001.png", "users/a/2/metadata.json", "unfinished/a/1"}) {
    witness.Write(key, std::string("old bytes of ") + key);
  }
}

const std::string kRecord = "users/a/1/processing.json";

std::vector<Scenario> Scenarios() {
  return {
      // Create, Append, SetMtime, Sync, Rename, Sync of the folder.
      {"create", [](Witness& w) { w.Write("users/a/1/new", "created"); }, 6, 6},
      {"create_if_absent", [](Witness& w) { w.Write("users/a/1/new", "created", kAbsent); }, 6, 6},
      // Two folders, each made and synced in its parent.
      {"create_in_new_folders", [](Witness& w) { w.Write("users/b/3/new", "created"); }, 10, 10},
      {"replace", [](Witness& w) { w.Write(kRecord, "replaced"); }, 6, 6},
      {"replace_if_unchanged", [](Witness& w) { w.WriteIfUnchanged(kRecord, "replaced"); }, 6, 6},
      // Create, Append, Remove.
      {"refused", [](Witness& w) { w.Write(kRecord, "refused", kAbsent); }, 3, 2},
      {"stream",
       [](Witness& w) {
         w.Stream(kRecord, {"one, ", "two, ", "three"});
       },
       8, 8},
      {"stream_of_nothing", [](Witness& w) { w.Stream("users/a/1/new", {}); }, 5, 5},
      {"delete", [](Witness& w) { w.Delete(kRecord); }, 2, 1},
      {"delete_and_create_anew",
       [](Witness& w) {
         w.Delete(kRecord);
         w.Write(kRecord, "anew", kAbsent);
       },
       8, 7},
      {"a_page_is_finished",
       [](Witness& w) {
         w.Stream("users/a/1/page_002.png", {"pix", "els"});
         w.Write("users/a/1/page_002_result.json", "words", kAbsent);
         w.WriteIfUnchanged(kRecord, "page 2 completed");
         w.Delete("unfinished/a/1");
       },
       21, 20},
      // Three files, the folder, the sync of its parent.
      {"delete_folder", [](Witness& w) { w.DeleteFolder("users/a/1/"); }, 5, 1},
      // Four files and three folders.
      {"delete_all_of_a_user", [](Witness& w) { w.DeleteFolder("users/a/"); }, 8, 1},
  };
}

class PowerLossTest : public testing::TestWithParam<Scenario> {};

TEST_P(PowerLossTest, AtEveryStepLeavesOldOrNewAndKeepsWhatWasAcknowledged) {
  int losses = 0, outcomes = 0;
  for (bool is_through = false; !is_through;) {
    DiskModel disk;
    const auto store = NewDiskStore(kRoot, disk);
    Witness witness(*store);
    Furnish(witness);
    disk.LosePowerAfter(losses);
    GetParam().run(witness);
    const Verdict verdict = JudgeAllOutcomes(disk, witness);
    EXPECT_EQ(verdict.complaint, "") << "after step " << losses;
    outcomes += verdict.outcomes;
    is_through = disk.has_power();
    if (!is_through) ++losses;
  }
  EXPECT_EQ(losses, GetParam().steps);
  EXPECT_GT(outcomes, losses + 1);
  RecordProperty("outcomes", outcomes);
}

TEST_P(PowerLossTest, AFullDiskAtEveryStepLeavesNothingBehind) {
  int failures = 0;
  while (true) {
    DiskModel disk;
    const auto store = NewDiskStore(kRoot, disk);
    Witness witness(*store);
    Furnish(witness);
    disk.BeFullAfter(failures);
    GetParam().run(witness);
    EXPECT_TRUE(TemporaryFilesOn(disk).empty()) << "after step " << failures;
    if (!disk.was_full()) break;
    EXPECT_EQ(JudgeNextStart(disk, witness), "") << "after step " << failures;
    ++failures;
  }
  EXPECT_EQ(failures, GetParam().steps_that_need_room);
}

INSTANTIATE_TEST_SUITE_P(Store, PowerLossTest, testing::ValuesIn(Scenarios()),
                         [](const auto& info) { return std::string(info.param.name); });

// So that the tests above cannot pass because they look at nothing.
TEST(PowerLossWithoutSync, IsNoticedInEveryScenarioThatChangesSomething) {
  for (const Scenario& scenario : Scenarios()) {
    if (std::string(scenario.name) == "refused") continue;
    DiskModel disk;
    const auto store = NewDiskStore(kRoot, disk);
    Witness witness(*store);
    Furnish(witness);
    disk.ForgetToSync();
    scenario.run(witness);
    EXPECT_NE(JudgeAllOutcomes(disk, witness).complaint, "") << scenario.name;
  }
}

TEST(Choices, GoesThroughAllCombinations) {
  Choices choices;
  std::vector<std::string> seen;
  do {
    const int first = choices.Choose(2);
    const int second = first == 1 ? choices.Choose(3) : 0;
    seen.push_back(fmt::format("{}{}", first, second));
  } while (choices.Next());
  EXPECT_EQ(seen, (std::vector<std::string>{"00", "10", "11", "12"}));
}

}  // namespace
}  // namespace gnosis
