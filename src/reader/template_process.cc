#include "reader/template_process.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "wire/message_socket.h"
#include "wire/messages.h"

namespace gnosis {
namespace {

// Loading all fonts and the largest models takes a second; a hanging disk takes forever.
constexpr int kAnswerTimeoutMs = 60'000;

bool HasAnswer(const FileDescriptor& socket, int timeout_ms) {
  pollfd wait{socket.get(), POLLIN, 0};
  int ready;
  do {
    ready = ::poll(&wait, 1, timeout_ms);
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

}  // namespace

Result<std::unique_ptr<TemplateProcess>> TemplateProcess::Start(const ChildOptions& options) {
  ASSIGN_OR_RETURN(auto ends, CreateSocketPair());
  ASSIGN_OR_RETURN(const pid_t pid, SpawnPageProgram(options, ends.second));
  return std::unique_ptr<TemplateProcess>(new TemplateProcess(pid, std::move(ends.first)));
}

TemplateProcess::TemplateProcess(pid_t pid, FileDescriptor socket)
    : pid_(pid), socket_(std::move(socket)) {}

TemplateProcess::~TemplateProcess() { End(); }

Status TemplateProcess::Prepare(const std::vector<std::string>& languages) {
  PrepareMessage question;
  PutText(question.languages, JoinLanguages(languages));
  preparing_ = true;
  return Send(question, {});
}

Result<bool> TemplateProcess::IsPrepared() {
  if (preparing_ && !HasAnswer(socket_, 0)) return false;
  if (preparing_) RETURN_IF_ERROR(Receive<PreparedMessage>());
  preparing_ = false;
  return true;
}

Result<pid_t> TemplateProcess::Fork(const FileDescriptor& socket, const FileDescriptor& arena,
                                    const std::vector<std::string>& languages) {
  if (preparing_) RETURN_IF_ERROR(Receive<PreparedMessage>());
  preparing_ = false;
  ForkMessage question;
  PutText(question.languages, JoinLanguages(languages));
  RETURN_IF_ERROR(Send(question, {socket.get(), arena.get()}));
  ASSIGN_OR_RETURN(const ForkedMessage answer, Receive<ForkedMessage>());
  if (answer.pid > 0) return pid_t{answer.pid};
  return ErrnoError(answer.error_number, "cannot fork a page child");
}

Result<int> TemplateProcess::EndChild(pid_t pid) {
  EndMessage question;
  question.pid = pid;
  RETURN_IF_ERROR(Send(question, {}));
  ASSIGN_OR_RETURN(const EndedMessage answer, Receive<EndedMessage>());
  return int{answer.wait_status};
}

template <typename Question>
Status TemplateProcess::Send(Question question, const std::vector<int>& attachments) {
  question.header.sequence = ++sequence_;
  const Status sent =
      SendSocketMessage(socket_, AsBytes(question), attachments, SocketWait::kDontBlock);
  return sent.ok() ? Ok() : Status(Ended());
}

template <typename Answer>
Result<Answer> TemplateProcess::Receive() {
  ASSIGN_OR_RETURN(const std::string bytes, Await());
  WireHeader expected = Answer{}.header;
  expected.sequence = sequence_;
  if (const Status status = CheckMessage(bytes, sizeof(Answer), expected); !status.ok()) {
    usable_ = false;
    return status.error();
  }
  return FromBytes<Answer>(bytes);
}

Result<std::string> TemplateProcess::Await() {
  if (!HasAnswer(socket_, kAnswerTimeoutMs)) {
    usable_ = false;
    return Error{ErrorCode::kIo,
                 fmt::format("the template of the page children did not respond for {} s",
                             kAnswerTimeoutMs / 1000),
                 "the disk with fonts and models may not be responding"};
  }
  auto message = ReceiveSocketMessage(socket_, Attachments::kRefuse, SocketWait::kDontBlock);
  if (!message.ok() || !*message || (*message)->bytes.empty()) return Ended();
  return std::move((*message)->bytes);
}

Error TemplateProcess::Ended() {
  usable_ = false;
  return Error{ErrorCode::kIo, "the template of the page children " + End(),
               "run gnosis-ocr doctor for details"};
}

// Its children end with it (DieWithParent).
std::string TemplateProcess::End() {
  if (pid_ == 0) return "ended";
  ::kill(pid_, SIGKILL);
  int wait_status = 0;
  pid_t waited;
  do {
    waited = ::waitpid(pid_, &wait_status, 0);
  } while (waited < 0 && errno == EINTR);
  const bool known = waited == pid_;
  pid_ = 0;
  return known ? DescribeWaitStatus(wait_status) : "ended";
}

}  // namespace gnosis
