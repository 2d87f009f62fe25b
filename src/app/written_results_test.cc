#include "app/written_results.h"

#include <gtest/gtest.h>

#include "support/hand_clock.h"
#include "support/memory_store.h"

namespace gnosis {
namespace {

TEST(WrittenResults, AreFoundByTheirTarget) {
  MemoryStore store;
  HandClock clock;
  WrittenResults written(store, clock);
  const std::filesystem::path odd = "/out/\xFF\n.txt";
  ASSERT_TRUE(written.Note(odd, {"document", "sha256", 2}).ok());
  const auto found = written.Find("/out/./\xFF\n.txt");
  ASSERT_TRUE(found.ok() && *found);
  EXPECT_EQ((*found)->document, "document");
  EXPECT_EQ((*found)->sha256, "sha256");
  EXPECT_EQ((*found)->failed_pages, 2);
  const auto other = written.Find("/out/other.txt");
  ASSERT_TRUE(other.ok());
  EXPECT_FALSE(*other);
}

TEST(WrittenResults, AreForgottenAfterAMonth) {
  MemoryStore store;
  HandClock clock;
  WrittenResults written(store, clock);
  ASSERT_TRUE(written.Note("/out/old.txt", {"document", "sha256", 0}).ok());
  clock.now += std::chrono::hours(29 * 24);
  ASSERT_TRUE(written.Note("/out/new.txt", {"document", "sha256", 0}).ok());
  clock.now += std::chrono::hours(2 * 24);
  // One of sixteen folders at a time, at random: repeated until the old record's turn has come.
  for (int i = 0; i < 10'000 && *written.Find("/out/old.txt"); ++i) {
    ASSERT_TRUE(written.Tidy().ok());
  }
  EXPECT_FALSE(*written.Find("/out/old.txt"));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(written.Tidy().ok());
  EXPECT_TRUE(*written.Find("/out/new.txt"));
}

}  // namespace
}  // namespace gnosis
