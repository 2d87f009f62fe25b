#include "child/template_server.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <set>
#include <utility>

#include "page/page_options.h"
#include "wire/child_program.h"
#include "wire/message_socket.h"
#include "wire/messages.h"

namespace gnosis {
namespace {

// Empty if there are none, or if they are invalid.
template <typename Question>
std::vector<std::string> LanguagesOf(const Question& question) {
  auto languages = ParseLanguages(GetText(question.languages).value_or(""));
  return languages.ok() ? *std::move(languages) : std::vector<std::string>();
}

class Template {
 public:
  Template(TemplateMachine& machine, FileDescriptor parent)
      : machine_(machine), parent_(std::move(parent)) {}

  int Serve() {
    while (true) {
      auto received = ReceiveSocketMessage(parent_, Attachments::kTake, SocketWait::kBlock);
      if (!received.ok()) return kExitPipe;
      SocketMessage& message = **received;
      if (message.bytes.empty()) return kExitHungUp;
      if (!Answer(message)) return kExitProtocol;
    }
  }

 private:
  // False: not a valid request.
  bool Answer(SocketMessage& message) {
    question_ = PeekHeader(message.bytes);
    WireHeader expected;
    expected.sequence = question_.sequence;
    expected.type = question_.type;
    if (question_.type == WireType::kFork && message.attachments.size() == 2 &&
        CheckMessage(message.bytes, sizeof(ForkMessage), expected).ok()) {
      return Fork(FromBytes<ForkMessage>(message.bytes), message);
    }
    if (question_.type == WireType::kPrepare && message.attachments.empty() &&
        CheckMessage(message.bytes, sizeof(PrepareMessage), expected).ok()) {
      return Prepare(FromBytes<PrepareMessage>(message.bytes));
    }
    if (question_.type == WireType::kEnd && message.attachments.empty() &&
        CheckMessage(message.bytes, sizeof(EndMessage), expected).ok()) {
      return End(FromBytes<EndMessage>(message.bytes).pid);
    }
    return false;
  }

  bool Prepare(const PrepareMessage& question) {
    machine_.Prepare(LanguagesOf(question));
    return Send(PreparedMessage());
  }

  bool Fork(const ForkMessage& question, SocketMessage& message) {
    machine_.Prepare(LanguagesOf(question));
    const pid_t self = ::getpid();
    const pid_t pid = ::fork();
    if (pid == 0) BeChild(self, message);
    ForkedMessage answer;
    answer.error_number = pid < 0 ? errno : 0;
    if (pid > 0) {
      // Done both here and in the child: whichever runs first, the group exists before it is
      // needed.
      ::setpgid(pid, pid);
      children_.insert(pid);
      answer.pid = pid;
    }
    message.attachments.clear();
    return Send(answer);
  }

  [[noreturn]] void BeChild(pid_t template_pid, SocketMessage& message) {
    parent_.Reset(-1);
    ::setpgid(0, 0);
    if (!DieWithParent(template_pid).ok()) ::_exit(kExitHungUp);
    ::_exit(machine_.ServeDocument(std::move(message.attachments[0]),
                                   std::move(message.attachments[1])));
  }

  // Only this process can wait for its children, so the id cannot have been reused meanwhile.
  bool End(pid_t pid) {
    if (children_.erase(pid) == 0) return false;
    ::kill(-pid, SIGKILL);
    ::kill(pid, SIGKILL);
    EndedMessage answer;
    while (::waitpid(pid, &answer.wait_status, 0) < 0) {
      if (errno != EINTR) return false;
    }
    return Send(answer);
  }

  template <typename Message>
  bool Send(Message answer) {
    answer.header.sequence = question_.sequence;
    return WriteSocketMessage(parent_, AsBytes(answer)).ok();
  }

  TemplateMachine& machine_;
  FileDescriptor parent_;
  WireHeader question_;
  std::set<pid_t> children_;
};

}  // namespace

int ServeTemplate(TemplateMachine& machine, FileDescriptor parent) {
  return Template(machine, std::move(parent)).Serve();
}

}  // namespace gnosis
