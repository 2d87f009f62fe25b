// Children that violate the protocol.
#include <gtest/gtest.h>

#include "support/sealed_reader_fixture.h"
#include "wire/child_program.h"
#include "wire/message_socket.h"
#include "wire/messages.h"

namespace gnosis {
namespace {

// Answers the first request correctly, as ServePagePipe would; `misbehave` gets the second.
using Misbehave = std::function<void(const FileDescriptor& socket, uint32_t sequence)>;
ChildBody OpensThen(Misbehave misbehave) {
  return [misbehave](FileDescriptor socket, FileDescriptor) {
    while (true) {
      auto question = ReceiveSocketMessage(socket, Attachments::kTake, SocketWait::kBlock);
      if (!question.ok() || (*question)->bytes.empty()) return int(kExitHungUp);
      const WireHeader header = PeekHeader((*question)->bytes);
      if (header.type == WireType::kRead) {
        misbehave(socket, header.sequence);
        continue;
      }
      SealedMessage sealed{.seccomp = 1, .no_new_privs = 1, .limits = 1, .no_capabilities = 1};
      sealed.header.sequence = header.sequence;
      (void)WriteSocketMessage(socket, AsBytes(sealed));
      OpenedMessage answer;
      answer.header.sequence = header.sequence;
      answer.page_count = 5;
      PutText(answer.media_type, "image/tiff");
      (void)SendSocketMessage(socket, AsBytes(answer), {}, SocketWait::kBlock);
    }
  };
}

FailedMessage Failure(uint32_t sequence) {
  FailedMessage failure;
  failure.header.sequence = sequence;
  PutText(failure.code, "damaged");
  PutText(failure.message, "honest");
  return failure;
}

class LyingChildTest : public SealedReaderTest {
 protected:
  void ExpectDies(Misbehave misbehave, std::string_view message) {
    Use(OpensThen(std::move(misbehave)));
    ASSERT_TRUE(Open().ok());
    ExpectFails(2, ErrorCode::kChildDied, message);
    EXPECT_TRUE(IsGone(started_[0]));
  }
};

TEST_F(LyingChildTest, ALieCostsTheAttemptAndTheChild) {
  ExpectDies(
      [](const FileDescriptor& socket, uint32_t sequence) {
        PageMessage answer;
        answer.header.sequence = sequence;
        answer.page = 2;
        (void)SendSocketMessage(socket, AsBytes(answer), {}, SocketWait::kBlock);
      },
      "the page child broke the protocol: an image of 0x0 pixels");
}

TEST_F(LyingChildTest, AMessageTooLongIsALie) {
  ExpectDies(
      [](const FileDescriptor& socket, uint32_t) {
        const std::string flood(100'000, 'x');
        (void)SendSocketMessage(socket, flood, {}, SocketWait::kBlock);
      },
      "a message of more than 2048 bytes");
}

TEST_F(LyingChildTest, ADescriptorIsALie) {
  ExpectDies(
      [](const FileDescriptor& socket, uint32_t sequence) {
        const FailedMessage failure = Failure(sequence);
        (void)SendSocketMessage(socket, AsBytes(failure), {socket.get()}, SocketWait::kBlock);
      },
      "unexpected descriptors");
}

TEST_F(LyingChildTest, AnEmptyMessageIsAHangUp) {
  ExpectDies(
      [](const FileDescriptor& socket, uint32_t) {
        (void)SendSocketMessage(socket, "", {}, SocketWait::kBlock);
        Hang();
      },
      "was killed by signal 9");
}

TEST_F(LyingChildTest, SilenceBehindAClosedSocketIsDeath) {
  ExpectDies(
      [](const FileDescriptor& socket, uint32_t) {
        ::close(socket.get());
        Hang();
      },
      "was killed by signal 9");
}

TEST_F(LyingChildTest, AFloodCostsTheChildButNotTheNextPage) {
  Use(OpensThen([this](const FileDescriptor& socket, uint32_t sequence) {
    const FailedMessage failure = Failure(sequence);
    for (int i = 0; i < 1000; ++i) {
      (void)SendSocketMessage(socket, AsBytes(failure), {}, SocketWait::kDontBlock);
    }
    signal_.Send();
    Hang();
  }));
  ASSERT_TRUE(Open().ok());
  ExpectFails(2, ErrorCode::kDamaged, "honest");
  signal_.Wait();
  Use(Serve());
  ExpectReads(3);
  EXPECT_EQ(started_.size(), 2u);
  EXPECT_TRUE(IsGone(started_[0]));
}

}  // namespace
}  // namespace gnosis
