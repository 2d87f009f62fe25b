// Clients that take their answers slowly, or not at all: what they may hold, and how long.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <list>
#include <thread>

#include "support/http_test_server.h"

namespace gnosis {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr size_t kLarge = 4 << 20;  // more than two sockets take of an answer that nobody reads
constexpr Milliseconds kSoon{10'000};

// So many pieces, one after the other.
class PiecesBody final : public LiveBody {
 public:
  PiecesBody(size_t pieces, size_t piece_bytes, Then last, std::atomic<size_t>& made)
      : pieces_(pieces), piece_bytes_(piece_bytes), last_(last), made_(made) {}
  Then Next(std::string& out) override {
    out.assign(piece_bytes_, char('a' + made_ % 26));
    return ++made_ < pieces_ ? Then::kAtOnce : last_;
  }
  std::unique_ptr<Subscription> OnChange(Wake) override { return std::make_unique<Subscription>(); }

 private:
  const size_t pieces_;
  const size_t piece_bytes_;
  const Then last_;
  std::atomic<size_t>& made_;
};

class SlowTest : public ServerTest {
 protected:
  SlowTest() {
    std::FILE* file = std::fopen((folder_.path() / "large").c_str(), "w");
    EXPECT_EQ(std::fwrite(large_.data(), 1, large_.size(), file), large_.size());
    std::fclose(file);
    handler_.start = [this](const HttpRequest& request) {
      return TestExchangeParts{
          .end = [this, path = request.path](Exchange::Why) { return Respond(path); },
          .at_death = [this] { dead_.Open(); }};
    };
  }

  HttpResponse Respond(const std::string& path) {
    if (path == "/text") return TextResponse(200, "text/plain", large_);
    if (path == "/shared") return {200, {}, SharedBytes{large_}};
    if (path == "/file") {
      auto opened = OpenForReading(folder_.path() / "large");
      return {200, {}, FileBody{std::make_shared<FileDescriptor>(*std::move(opened)), 0, kLarge}};
    }
    return {200, {}, std::make_unique<PiecesBody>(pieces_, piece_bytes_, last_, made_)};
  }

  TestClient ConnectSlowly() { return TestClient::WithSmallBuffers(server_->port()); }
  TestClient AskSlowly(const std::string& path) {
    TestClient client = ConnectSlowly();
    EXPECT_TRUE(client.Send(Request("GET " + path)));
    EXPECT_THAT(client.ReadThrough("\r\n\r\n"), HasSubstr("200 OK"));
    return client;
  }

  TemporaryFolder folder_;
  const std::string large_ = std::string(kLarge - 1, 'x') + "y";
  size_t pieces_ = 256;
  size_t piece_bytes_ = kLarge / pieces_;
  LiveBody::Then last_ = LiveBody::Then::kEnd;
  std::atomic<size_t> made_{0};
};

TEST_F(SlowTest, EveryKindOfBodyArrivesWhole) {
  StartServer();
  for (const char* path : {"/text", "/shared", "/file"}) {
    TestClient client = Connect();
    const TestResponse response = client.Ask(Request(std::string("GET ") + path));
    EXPECT_TRUE(response.body == large_) << path;
    EXPECT_EQ(TestClient::Header(response.head, "Content-Length"), std::to_string(kLarge));
    EXPECT_EQ(client.Ask(Request("GET /echo")).status, 200);
    ASSERT_TRUE(client.Send(Request(std::string("HEAD ") + path)));
    EXPECT_THAT(client.ReadThrough("\r\n\r\n"),
                HasSubstr("Content-Length: " + std::to_string(kLarge)));
    EXPECT_EQ(client.Ask(Request("GET /echo")).status, 200);
  }
  const TestResponse pieces = Ask(Request("GET /pieces"));
  EXPECT_EQ(pieces.body.size(), kLarge);
  EXPECT_EQ(TestClient::Header(pieces.head, "Transfer-Encoding"), "chunked");
}

TEST_F(SlowTest, OldClientsGetPiecesUntilTheEndOfTheConnection) {
  StartServer();
  TestClient client = Connect();
  ASSERT_TRUE(client.Send("GET /pieces HTTP/1.0\r\n\r\n"));
  EXPECT_THAT(client.ReadThrough("\r\n\r\n"), Not(HasSubstr("chunked")));
  EXPECT_EQ(client.ReadToEnd().size(), kLarge);
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(SlowTest, APieceIsMadeWhenThereIsRoomForIt) {
  StartServer();
  TestClient client = AskSlowly("/pieces");
  // Until nothing moves any more; each answered question is a turn of the loop.
  size_t before = 0;
  for (int still = 0; still < 50; ++still) {
    EXPECT_EQ(Ask(Request("GET /echo")).status, 200);
    if (made_ != before) still = 0;
    before = made_;
  }
  EXPECT_LT(made_, pieces_ / 4);
  size_t come = 0;
  while (come < kLarge) come += client.ReadThrough("\r\n").size();
  EXPECT_EQ(made_, pieces_);
}

TEST_F(SlowTest, AnAnswerThatIsCutIsNotOver) {
  last_ = LiveBody::Then::kCut;
  pieces_ = 3;
  piece_bytes_ = 1000;
  StartServer();
  TestClient client = Connect();
  ASSERT_TRUE(client.Send(Request("GET /pieces")));
  const std::string all = client.ReadToEnd();
  EXPECT_THAT(all, HasSubstr("\r\ncccc"));
  EXPECT_FALSE(all.ends_with("0\r\n\r\n"));
  // Without chunks only an error can say it.
  made_ = 0;
  TestClient old = Connect();
  ASSERT_TRUE(old.Send("GET /pieces HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(old.IsReset(kSoon));
}

TEST_F(SlowTest, WhoTakesNothingIsGivenUpWhateverTheBody) {
  StartServer({.body_idle_timeout = Milliseconds{100}});
  for (const char* path : {"/text", "/shared", "/file", "/pieces"}) {
    TestClient client = AskSlowly(path);
    EXPECT_TRUE(client.IsReset(kSoon)) << path;
    EXPECT_TRUE(dead_.Wait());
  }
}

TEST_F(SlowTest, AFewBytesNowAndThenAreNoReading) {
  StartServer(
      {.body_idle_timeout = Milliseconds{500}, .min_answer_bytes_per_second = 1'000'000'000});
  for (const char* path : {"/text", "/shared", "/file", "/pieces"}) {
    TestClient client = AskSlowly(path);
    // Each comes well within the idle time.
    int reads = 0;
    while (!client.IsReset(Milliseconds{20}) && reads < 500) {
      ++reads;
      client.ReadSome();
    }
    EXPECT_LT(reads, 500) << path;
  }
}

TEST_F(SlowTest, AnswersThatWaitHoldOnlySoMuchTogether) {
  StartServer({.max_unsent_bytes = 3 * kLarge + (1 << 20)});
  std::list<TestClient> clients;
  for (int i = 0; i < 6; ++i) clients.push_back(AskSlowly("/text"));
  EXPECT_EQ(Ask(Request("GET /echo")).status, 200);
  int left = 0;
  for (TestClient& client : clients) {
    if (!client.IsReset(Milliseconds{100})) ++left;
  }
  EXPECT_EQ(left, 3);
  // What is sent from elsewhere is not counted.
  std::list<TestClient> others;
  for (int i = 0; i < 6; ++i) others.push_back(AskSlowly(i % 2 ? "/file" : "/shared"));
  for (TestClient& other : others) EXPECT_FALSE(other.IsReset(Milliseconds{1}));
}

TEST_F(SlowTest, WhoReadsSlowlyHoldsNoRequest) {
  StartServer();
  TestClient client = AskSlowly("/text");
  EXPECT_TRUE(dead_.Wait());
  EXPECT_FALSE(client.IsReset(Milliseconds{1}));
}

TEST_F(SlowTest, AStoryInPiecesIsToldToItsEndWhenTheServerStops) {
  StartServer();
  TestClient client = AskSlowly("/pieces");
  std::thread stop([this] { server_->Stop(kSoon); });
  std::string all;
  while (client.ReadSome()) {
  }
  all = client.ReadToEnd();
  stop.join();
  EXPECT_GT(all.size(), kLarge);
  EXPECT_TRUE(all.ends_with("0\r\n\r\n"));
}

}  // namespace
}  // namespace gnosis
