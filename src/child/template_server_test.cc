#include "child/template_server.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "wire/child_program.h"
#include "wire/message_socket.h"
#include "wire/messages.h"

namespace gnosis {
namespace {

// A child reports what it was prepared for and who its parent is, then waits for the socket to
// close.
class TellingMachine final : public TemplateMachine {
 public:
  void Prepare(const std::vector<std::string>& languages) override { prepared_ = languages; }
  int ServeDocument(FileDescriptor socket, FileDescriptor) override {
    (void)WriteSocketMessage(socket, JoinLanguages(prepared_) + (IsLeader() ? " leads" : ""));
    (void)ReadSocketMessage(socket);
    return 5;
  }

 private:
  static bool IsLeader() { return ::getpgrp() == ::getpid(); }
  std::vector<std::string> prepared_;
};

class TemplateTest : public testing::Test {
 protected:
  struct Child {
    pid_t pid = 0;
    FileDescriptor socket;
    std::string said;
  };

  TemplateTest() {
    auto ends = *CreateSocketPair();
    pid_ = ::fork();
    if (pid_ == 0) {
      ends.first.Reset(-1);
      TellingMachine machine;
      ::_exit(ServeTemplate(machine, std::move(ends.second)));
    }
    socket_ = std::move(ends.first);
  }
  ~TemplateTest() override {
    if (pid_ != 0) (void)HangUp();
  }

  Child Fork(const char* languages) {
    auto ends = *CreateSocketPair();
    const FileDescriptor arena(::memfd_create("arena", MFD_CLOEXEC));
    ForkMessage question;
    PutText(question.languages, languages);
    GNOSIS_CHECK(SendSocketMessage(socket_, AsBytes(question), {ends.second.get(), arena.get()},
                                   SocketWait::kBlock)
                     .ok());
    Child child;
    child.pid = FromBytes<ForkedMessage>(*ReadSocketMessage(socket_)).pid;
    ends.second.Reset(-1);
    child.said = *ReadSocketMessage(ends.first);
    child.socket = std::move(ends.first);
    return child;
  }
  int End(pid_t pid) {
    EndMessage question;
    question.pid = pid;
    GNOSIS_CHECK(WriteSocketMessage(socket_, AsBytes(question)).ok());
    return FromBytes<EndedMessage>(*ReadSocketMessage(socket_)).wait_status;
  }
  // Returns the template's exit code.
  int HangUp() {
    socket_.Reset(-1);
    int wait_status = 0;
    EXPECT_EQ(::waitpid(pid_, &wait_status, 0), pid_);
    pid_ = 0;
    return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
  }

  FileDescriptor socket_;

 private:
  pid_t pid_ = 0;
};

TEST_F(TemplateTest, ForksAChildThatIsPreparedAndLeadsAGroup) {
  EXPECT_EQ(Fork("").said, " leads");
  EXPECT_EQ(Fork("eng+deu").said, "eng+deu leads");
  EXPECT_EQ(Fork("").said, " leads");
}

TEST_F(TemplateTest, SaysWhenItIsPrepared) {
  PrepareMessage question;
  question.header.sequence = 7;
  PutText(question.languages, "eng");
  GNOSIS_CHECK(WriteSocketMessage(socket_, AsBytes(question)).ok());
  const WireHeader answer = PeekHeader(*ReadSocketMessage(socket_));
  EXPECT_EQ(answer.type, WireType::kPrepared);
  EXPECT_EQ(answer.sequence, 7u);
  EXPECT_EQ(Fork("deu").said, "deu leads");
}

TEST_F(TemplateTest, SaysHowAChildEnded) {
  const Child killed = Fork("eng");
  EXPECT_EQ(End(killed.pid), SIGKILL);
  Child ended = Fork("eng");
  ended.socket.Reset(-1);
  // The closed socket and the kill race; either may come first.
  const int wait_status = End(ended.pid);
  EXPECT_TRUE(wait_status == SIGKILL || wait_status == 5 << 8) << wait_status;
}

TEST_F(TemplateTest, EndsWhenTheParentHangsUpAndItsChildrenWithIt) {
  const Child child = Fork("eng");
  EXPECT_EQ(HangUp(), kExitHungUp);
  EXPECT_EQ(*ReadSocketMessage(child.socket), "");
}

TEST_F(TemplateTest, EndsAtAQuestionThatMakesNoSense) {
  GNOSIS_CHECK(WriteSocketMessage(socket_, AsBytes(ForkMessage{})).ok());  // without descriptors
  EXPECT_EQ(*ReadSocketMessage(socket_), "");
  EXPECT_EQ(HangUp(), kExitProtocol);
}

TEST_F(TemplateTest, KillsNobodyButItsChildren) {
  EndMessage question;
  question.pid = ::getpid();
  GNOSIS_CHECK(WriteSocketMessage(socket_, AsBytes(question)).ok());
  EXPECT_EQ(*ReadSocketMessage(socket_), "");
  EXPECT_EQ(HangUp(), kExitProtocol);
}

}  // namespace
}  // namespace gnosis
