#include "task/owner_turns.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace gnosis {
namespace {

// One piece of an owner's work at a time.
std::string ServeNext(OwnerTurns& turns) {
  const std::string owner = turns.Next().value_or("nobody");
  if (owner == "nobody") return owner;
  turns.Begin(owner);
  turns.End(owner);
  return owner;
}

TEST(OwnerTurns, WhoNeverWasServedComesInTheOrderOfArrival) {
  OwnerTurns turns;
  for (const char* owner : {"eve", "ada", "bob", "ada"}) turns.Wait(owner);
  EXPECT_EQ(ServeNext(turns), "eve");
  EXPECT_EQ(ServeNext(turns), "ada");
  EXPECT_EQ(ServeNext(turns), "bob");
  EXPECT_EQ(ServeNext(turns), "ada");
  EXPECT_EQ(ServeNext(turns), "nobody");
}

TEST(OwnerTurns, WhoHasLessAtWorkComesBeforeWhoWasServedLongerAgo) {
  OwnerTurns turns;
  for (int i = 0; i < 3; ++i) turns.Wait("ada");
  for (int i = 0; i < 3; ++i) turns.Wait("bob");
  turns.Begin("ada");
  turns.Begin("bob");
  turns.End("bob");
  EXPECT_EQ(turns.Next(), "bob");
  turns.End("ada");
  EXPECT_EQ(turns.Next(), "ada");
}

TEST(OwnerTurns, NobodyHasMoreAtWorkThanTheLimit) {
  OwnerTurns turns;
  turns.Wait("ada");
  turns.Wait("ada");
  turns.Begin("ada");
  EXPECT_EQ(turns.Next(1), std::nullopt);
  EXPECT_EQ(turns.Next(2), "ada");
  turns.Wait("bob");
  EXPECT_EQ(turns.Next(1), "bob");
}

TEST(OwnerTurns, WhoWithdrewDoesNotWait) {
  OwnerTurns turns;
  turns.Wait("ada");
  EXPECT_EQ(turns.Waiting("ada"), 1);
  turns.Withdraw("ada");
  EXPECT_EQ(turns.Waiting("ada"), 0);
  EXPECT_EQ(turns.Next(), std::nullopt);
}

TEST(OwnerTurns, OfTenThousandIdleOwnersTheLongestIdleIsForgotten) {
  for (const int others : {9'999, 10'000}) {
    OwnerTurns turns;
    turns.Wait("ada");
    EXPECT_EQ(ServeNext(turns), "ada");
    for (int other = 0; other < others; ++other) {
      turns.Wait(fmt::format("other{}", other));
      ServeNext(turns);
    }
    turns.Wait("ada");
    turns.Wait("newcomer");
    // Forgotten, she was never served either, and came first.
    EXPECT_EQ(turns.Next(), others == 10'000 ? "ada" : "newcomer");
  }
}

TEST(OwnerTurns, OthersWaitWhenOneOfThemHasLessAtWork) {
  OwnerTurns turns;
  turns.Wait("ada");
  turns.Wait("ada");
  turns.Begin("ada");
  EXPECT_FALSE(turns.OthersWait("ada"));
  turns.Wait("bob");
  EXPECT_TRUE(turns.OthersWait("ada"));
  turns.Begin("bob");
  turns.Wait("bob");
  EXPECT_FALSE(turns.OthersWait("ada"));
}

}  // namespace
}  // namespace gnosis
