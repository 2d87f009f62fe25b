#include "door/api_keys.h"

#include <gtest/gtest.h>

#include <set>

#include "base/hash.h"
#include "door/lock_out.h"
#include "door/rate_limiter.h"

namespace gnosis {
namespace {

const Time kNow = *ParseTime("2026-01-02T03:04:05Z");

std::vector<ApiKey> TwoKeys() {
  std::vector<ApiKey> keys;
  EXPECT_TRUE(AddApiKey(keys, "laptop", "ada@example.org", "secret-1", kNow).ok());
  EXPECT_TRUE(AddApiKey(keys, "desk.2", "bob@example.org", "secret-2", kNow).ok());
  return keys;
}

TEST(ApiKeys, ReadAsTheyWereWritten) {
  const auto keys = TwoKeys();
  const std::string text = EncodeApiKeys(keys);
  EXPECT_EQ(text.find("secret-1"), std::string::npos);
  const auto read = DecodeApiKeys(text);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(*read, keys);
  EXPECT_TRUE(DecodeApiKeys(EncodeApiKeys({}))->empty());
}

TEST(ApiKeys, AreFoundByTheirSecretOnly) {
  const auto keys = TwoKeys();
  EXPECT_EQ(FindApiKey(keys, "secret-2"), &keys[1]);
  for (const std::string& wrong : {std::string(), std::string("secret-3"), Sha256Hex("secret-1"),
                                   std::string("secret-1 "), std::string(1000, 'x')}) {
    EXPECT_EQ(FindApiKey(keys, wrong), nullptr);
  }
}

TEST(ApiKeys, SecretsAre256BitsAndNeverTheSame) {
  std::set<std::string> secrets;
  for (int i = 0; i < 100; ++i) secrets.insert(NewSecret());
  EXPECT_EQ(secrets.size(), 100u);
  EXPECT_EQ(secrets.begin()->size(), std::string("gnosis_").size() + 64);
}

TEST(ApiKeys, RefuseNamesAndOwnersThatCannotBeUsed) {
  std::vector<ApiKey> keys = TwoKeys();
  for (const std::string& name : {std::string(), std::string("a b"), std::string("a/b"),
                                  std::string("ü"), std::string(65, 'a')}) {
    EXPECT_EQ(AddApiKey(keys, name, "a@b", "s", kNow).code(), ErrorCode::kInvalidArgument) << name;
  }
  for (const std::string& owner : {std::string(), std::string("ada"), std::string("@b"),
                                   std::string("a@"), std::string("a@b@c"), std::string("a b@c"),
                                   std::string("a@b\n"), std::string(300, 'a') + "@b"}) {
    EXPECT_EQ(AddApiKey(keys, "new", owner, "s", kNow).code(), ErrorCode::kInvalidArgument)
        << owner;
  }
  EXPECT_EQ(AddApiKey(keys, "laptop", "a@b", "s", kNow).code(), ErrorCode::kConflict);
  EXPECT_EQ(keys, TwoKeys());
  EXPECT_TRUE(AddApiKey(keys, std::string(64, 'a'), "A@B", "s", kNow).ok());
  EXPECT_EQ(keys.back().owner, "a@b");
}

TEST(ApiKeys, HaveALimit) {
  std::vector<ApiKey> keys;
  for (size_t i = 0; i < kMaxApiKeys; ++i) {
    ASSERT_TRUE(AddApiKey(keys, "k" + std::to_string(i), "a@b", std::to_string(i), kNow).ok());
  }
  EXPECT_EQ(AddApiKey(keys, "one-more", "a@b", "s", kNow).code(), ErrorCode::kConflict);
  EXPECT_TRUE(DecodeApiKeys(EncodeApiKeys(keys)).ok());
}

TEST(ApiKeys, WithOneSecretAreNotTwo) {
  std::vector<ApiKey> keys = TwoKeys();
  EXPECT_EQ(AddApiKey(keys, "phone", "eve@example.org", "secret-1", kNow).code(),
            ErrorCode::kConflict);
  ApiKey copy = keys[0];
  copy.name = "phone";
  copy.owner = "eve@example.org";
  keys.push_back(copy);
  EXPECT_EQ(DecodeApiKeys(EncodeApiKeys(keys)).code(), ErrorCode::kDamaged);
}

TEST(ApiKeys, AreTakenBackByName) {
  std::vector<ApiKey> keys = TwoKeys();
  EXPECT_EQ(RemoveApiKey(keys, "phone").code(), ErrorCode::kNotFound);
  EXPECT_TRUE(RemoveApiKey(keys, "laptop").ok());
  EXPECT_EQ(FindApiKey(keys, "secret-1"), nullptr);
  EXPECT_NE(FindApiKey(keys, "secret-2"), nullptr);
}

TEST(ApiKeys, ADamagedListIsNoList) {
  const std::string good = EncodeApiKeys(TwoKeys());
  for (size_t size = 0; size + 2 < good.size(); ++size) {
    EXPECT_FALSE(DecodeApiKeys(good.substr(0, size)).ok()) << size;
  }
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"laptop", "desk.2"},
                                 {"laptop", "lap top"},
                                 {"ada@", "Ada@"},
                                 {"sha256", "sha512"},
                                 {"2026-01", "2026-13"}}) {
    std::string bad = good;
    bad.replace(bad.find(from), from.size(), to);
    EXPECT_EQ(DecodeApiKeys(bad).code(), ErrorCode::kDamaged) << to;
  }
}

TEST(RateLimiter, AllowsABurstThenTheRate) {
  RateLimiter limiter(2, 10);
  EXPECT_FALSE(limiter.Take("a", kNow));
  EXPECT_FALSE(limiter.Take("a", kNow));
  EXPECT_EQ(limiter.Take("a", kNow), Milliseconds(500));
  EXPECT_FALSE(limiter.Take("b", kNow));
  EXPECT_FALSE(limiter.Take("a", kNow + Milliseconds(500)));
  EXPECT_TRUE(limiter.Take("a", kNow + Milliseconds(500)));
  // Setting the clock back neither adds nor removes tokens.
  EXPECT_TRUE(limiter.Take("a", kNow - Seconds(3600)));
  EXPECT_FALSE(limiter.Take("a", kNow - Seconds(3599)));
}

TEST(RateLimiter, RemembersOnlySoManyCallers) {
  RateLimiter limiter(1, 3);
  for (int i = 0; i < 100'000; ++i) EXPECT_FALSE(limiter.Take(std::to_string(i), kNow));
  EXPECT_TRUE(limiter.Take("99999", kNow));
}

TEST(LockOut, CountsTheFailuresOfAWhile) {
  LockOut lock_out({.max_failures = 3, .time = Seconds(60), .max_addresses = 2});
  const auto fail = [&](const char* address, Time now) {
    return lock_out.NoteFailure(address, now);
  };
  EXPECT_EQ(fail("a", kNow), LockOut::Then::kMayTryAgain);
  EXPECT_EQ(fail("a", kNow + Seconds(30)), LockOut::Then::kMayTryAgain);
  EXPECT_EQ(fail("a", kNow + Seconds(61)), LockOut::Then::kMayTryAgain);
  EXPECT_EQ(fail("a", kNow + Seconds(62)), LockOut::Then::kMayTryAgain);
  EXPECT_EQ(fail("a", kNow + Seconds(63)), LockOut::Then::kIsLockedOut);
  EXPECT_EQ(lock_out.LockedFor("a", kNow + Seconds(64)), Milliseconds(59'000));
  EXPECT_FALSE(lock_out.LockedFor("b", kNow));
  EXPECT_FALSE(lock_out.LockedFor("a", kNow + Seconds(123)));
  // Setting the clock back does not prolong the lock-out.
  EXPECT_FALSE(lock_out.LockedFor("a", kNow - Seconds(1'000'000)));
}

}  // namespace
}  // namespace gnosis
