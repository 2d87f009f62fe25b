// Which keys are valid while the file changes, cannot be read, or the store hangs.
#include "door/key_ring.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>

#include "session/keys.h"
#include "support/api_fixture.h"
#include "support/forwarding_store.h"
#include "support/memory_store.h"

namespace gnosis {
namespace {

constexpr Milliseconds kAsLongAsItTakes{60'000};
const std::string kFile(kApiKeysKey);

// A code read by another thread; std::atomic of an optional is not lock-free everywhere.
class AtomicCode {
 public:
  AtomicCode() = default;
  AtomicCode& operator=(std::optional<ErrorCode> code) {
    code_ = code ? int(*code) : kNone;
    return *this;
  }
  std::optional<ErrorCode> load() const {
    const int code = code_;
    return code == kNone ? std::nullopt : std::optional(ErrorCode(code));
  }

 private:
  static constexpr int kNone = -1;
  std::atomic<int> code_{kNone};
};

// A store in which the two calls used by a key ring can fail, each with its own error, or hang.
class TroubledStore final : public ForwardingStore {
 public:
  explicit TroubledStore(ObjectStore& inner) : ForwardingStore(inner) {}

  Result<Object> Read(const std::string& key) override {
    Pass();
    if (const auto code = read_fails.load()) return Error{*code, "no luck with reading", ""};
    return ForwardingStore::Read(key);
  }
  Result<ObjectInfo> Stat(const std::string& key) override {
    Pass();
    if (const auto code = stat_fails.load()) return Error{*code, "no luck with looking", ""};
    return ForwardingStore::Stat(key);
  }
  void Hang() {
    const std::lock_guard lock(mutex_);
    hangs_ = true;
  }
  void GoOn() {
    const std::lock_guard lock(mutex_);
    hangs_ = false;
    changed_.notify_all();
  }
  void WaitForSomebodyWhoHangs() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return hanging_ > 0; });
  }

  AtomicCode stat_fails, read_fails;
  std::atomic<int> calls{0};

 private:
  void Pass() {
    ++calls;
    std::unique_lock lock(mutex_);
    if (!hangs_) return;
    ++hanging_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !hangs_; });
    --hanging_;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool hangs_ = false;
  int hanging_ = 0;
};

class KeyRingTest : public testing::Test {
 protected:
  ~KeyRingTest() override { store_.GoOn(); }

  void Start(Milliseconds patience = kAsLongAsItTakes) {
    ring_ = std::make_unique<KeyRing>(store_, clock_, patience);
    (void)ring_->Look();
  }
  void Add(const std::string& name) {
    ASSERT_TRUE(ChangeApiKeys(memory_, [&](std::vector<ApiKey>& keys) {
                  return AddApiKey(keys, name, name + "@example.org", "secret of " + name,
                                   clock_.now);
                }).ok());
  }
  void Revoke(const std::string& name) {
    ASSERT_TRUE(ChangeApiKeys(memory_, [&](std::vector<ApiKey>& keys) {
                  return RemoveApiKey(keys, name);
                }).ok());
  }
  KeyRing::Keys ASecondLater() {
    clock_.now += Seconds(1);
    return ring_->Look();
  }
  static bool Opens(const KeyRing::Keys& keys, const std::string& name) {
    return FindApiKey(*keys.list, "secret of " + name) != nullptr;
  }
  // In force, and no key is accepted.
  static bool LetsNobodyIn(const KeyRing::Keys& keys) {
    return keys.in_force && keys.list->empty() && !keys.trouble.empty();
  }

  HandClock clock_;
  MemoryStore memory_;
  TroubledStore store_{memory_};
  std::unique_ptr<KeyRing> ring_;
};

TEST_F(KeyRingTest, WithoutAFileKeysAreNotInForceUntilOneIsMade) {
  Start();
  EXPECT_FALSE(ring_->Look().in_force);
  EXPECT_FALSE(ASecondLater().in_force);
  Add("ada");
  EXPECT_TRUE(ASecondLater().in_force);
  EXPECT_TRUE(Opens(ring_->Look(), "ada"));
}

TEST_F(KeyRingTest, BeforeTheFirstLookNobodyIsLetIn) {
  store_.stat_fails = ErrorCode::kUnavailable;
  Start();
  EXPECT_TRUE(LetsNobodyIn(ring_->Look()));
  EXPECT_TRUE(LetsNobodyIn(ASecondLater()));
  store_.stat_fails = std::nullopt;
  EXPECT_FALSE(ASecondLater().in_force);
}

TEST_F(KeyRingTest, AFileThatMayNotBeReadLetsNobodyIn) {
  for (auto* fails : {&store_.stat_fails, &store_.read_fails}) {
    // With keys from the start, or added while the server ran without keys.
    for (const bool had_keys : {false, true}) {
      if (had_keys) Add("before");
      Start();
      Add("ada");
      *fails = ErrorCode::kPermission;
      EXPECT_TRUE(LetsNobodyIn(ASecondLater()));
      EXPECT_TRUE(LetsNobodyIn(ASecondLater()));
      // A file repaired by chmod keeps its generation.
      *fails = std::nullopt;
      EXPECT_TRUE(Opens(ASecondLater(), "ada"));
      EXPECT_EQ(ring_->Look().trouble, "");
      ring_.reset();
      ASSERT_TRUE(memory_.Delete(kFile, kAnyGeneration).ok());
    }
  }
}

TEST_F(KeyRingTest, APassingTroubleNeitherOpensNorShuts) {
  for (const ErrorCode code : {ErrorCode::kIo, ErrorCode::kUnavailable, ErrorCode::kTimeout}) {
    for (auto* fails : {&store_.stat_fails, &store_.read_fails}) {
      Start();
      *fails = code;
      Add("ada");
      EXPECT_FALSE(ASecondLater().in_force) << "as before";
      *fails = std::nullopt;
      EXPECT_TRUE(Opens(ASecondLater(), "ada"));
      Add("bob");
      *fails = code;
      EXPECT_TRUE(Opens(ASecondLater(), "ada"));
      EXPECT_FALSE(Opens(ring_->Look(), "bob"));
      *fails = std::nullopt;
      EXPECT_TRUE(Opens(ASecondLater(), "bob"));
      ring_.reset();
      ASSERT_TRUE(memory_.Delete(kFile, kAnyGeneration).ok());
    }
  }
}

TEST_F(KeyRingTest, APassingTroubleAfterOneThatShutsLeavesItShut) {
  Add("ada");
  Start();
  store_.stat_fails = ErrorCode::kPermission;
  EXPECT_TRUE(LetsNobodyIn(ASecondLater()));
  store_.stat_fails = ErrorCode::kIo;
  EXPECT_TRUE(LetsNobodyIn(ASecondLater()));
}

TEST_F(KeyRingTest, AFileThatVanishesLetsNobodyInUntilItIsBack) {
  Add("ada");
  Start();
  const auto file = memory_.Read(kFile);
  ASSERT_TRUE(memory_.Delete(kFile, kAnyGeneration).ok());
  EXPECT_TRUE(LetsNobodyIn(ASecondLater()));
  EXPECT_TRUE(LetsNobodyIn(ASecondLater()));
  ASSERT_TRUE(memory_.Write(kFile, file->bytes, kAbsent).ok());
  EXPECT_TRUE(Opens(ASecondLater(), "ada"));
}

TEST_F(KeyRingTest, AStoreThatHangsHoldsNobody) {
  Add("ada");
  Start(Milliseconds(0));
  while (!Opens(ring_->Peek(), "ada")) (void)ring_->Look();
  store_.Hang();
  clock_.now += Seconds(5);
  EXPECT_TRUE(Opens(ring_->Look(), "ada"));
  store_.WaitForSomebodyWhoHangs();
  EXPECT_TRUE(Opens(ring_->Look(), "ada"));
  EXPECT_TRUE(Opens(ring_->LookAgain(), "ada"));
  EXPECT_TRUE(Opens(ring_->Peek(), "ada"));
}

TEST_F(KeyRingTest, WhoLooksWhileTheStoreIsAskedSharesItsAnswer) {
  Add("ada");
  Start();
  store_.Hang();
  clock_.now += Seconds(3600);
  const int calls = store_.calls;
  std::vector<std::jthread> callers;
  std::atomic<int> opened = 0;
  Revoke("ada");
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] { opened += Opens(ring_->Look(), "ada") ? 1 : 0; });
  }
  store_.WaitForSomebodyWhoHangs();
  store_.GoOn();
  callers.clear();  // joins
  EXPECT_EQ(opened, 0) << "an hour old list let somebody in";
  EXPECT_LE(store_.calls - calls, 2 * 8);
}

TEST_F(KeyRingTest, GuessersDoNotSetThePaceAtWhichTheStoreIsAsked) {
  Add("ada");
  Start();
  const int calls = store_.calls;
  for (int second = 0; second < 3; ++second) {
    for (int i = 0; i < 1000; ++i) (void)ring_->LookAgain();
    clock_.now += Seconds(1);
  }
  EXPECT_EQ(store_.calls - calls, 3);
}

TEST_F(KeyRingTest, ANewKeyIsFoundAtOnceAndUnderAFloodWithinASecond) {
  Add("ada");
  Start();
  Add("bob");
  EXPECT_FALSE(Opens(ring_->Look(), "bob"));
  EXPECT_TRUE(Opens(ring_->LookAgain(), "bob"));
  Add("eve");
  EXPECT_FALSE(Opens(ring_->LookAgain(), "eve")) << "somebody asked for it just now";
  EXPECT_TRUE(Opens(ASecondLater(), "eve"));
}

TEST_F(KeyRingTest, AListThatGetsOldServesWhileItIsLookedAtAnew) {
  Add("ada");
  Start();
  store_.Hang();
  clock_.now += Milliseconds(800);
  EXPECT_TRUE(Opens(ring_->Look(), "ada"));  // returns, although it may wait for a minute
  store_.WaitForSomebodyWhoHangs();
}

TEST_F(KeyRingTest, AClockThatIsSetBackMakesNoListEternal) {
  Add("ada");
  Start();
  Revoke("ada");
  clock_.now -= Seconds(3600);
  EXPECT_FALSE(Opens(ring_->Look(), "ada"));
}

}  // namespace
}  // namespace gnosis
