#include "page/page_template.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <mutex>
#include <utility>

#include "page/page_socket.h"
#include "page/page_spawn.h"
#include "page/page_wire.h"

namespace gnosis {
namespace {

// Loading every font and the largest models takes a second; a disk that hangs takes for ever.
constexpr int kAnswerTimeoutMs = 60'000;

// The running process. Ends it when the object ends.
class TemplateProcess {
 public:
  TemplateProcess(pid_t pid, FileDescriptor socket) : pid_(pid), socket_(std::move(socket)) {}
  ~TemplateProcess() { End(); }
  TemplateProcess(const TemplateProcess&) = delete;
  TemplateProcess& operator=(const TemplateProcess&) = delete;

  // Its answer of the same sequence number. After an error nothing more may be asked.
  template <typename Answer, typename Question>
  Result<Answer> Ask(Question question, const std::vector<int>& attachments) {
    question.header.sequence = ++sequence_;
    const Status sent =
        SendSocketMessage(socket_, AsBytes(question), attachments, SocketWait::kDontBlock);
    if (!sent.ok()) return Ended();
    ASSIGN_OR_RETURN(const std::string bytes, Await());
    WireHeader expected = Answer{}.header;
    expected.sequence = sequence_;
    RETURN_IF_ERROR(CheckMessage(bytes, sizeof(Answer), expected));
    return FromBytes<Answer>(bytes);
  }

 private:
  Result<std::string> Await() {
    pollfd wait{socket_.get(), POLLIN, 0};
    int ready;
    do {
      ready = ::poll(&wait, 1, kAnswerTimeoutMs);
    } while (ready < 0 && errno == EINTR);
    if (ready <= 0) {
      return Error{ErrorCode::kIo,
                   fmt::format("the template of the page children said nothing for {} s",
                               kAnswerTimeoutMs / 1000),
                   "the disk with fonts and models may hang"};
    }
    auto message = ReceiveSocketMessage(socket_, Attachments::kRefuse, SocketWait::kDontBlock);
    if (!message.ok() || !*message || (*message)->bytes.empty()) return Ended();
    return std::move((*message)->bytes);
  }

  Error Ended() {
    return Error{ErrorCode::kIo, "the template of the page children " + End(),
                 "gnosis-ocr doctor may say more"};
  }

  // Its children go with it (DieWithParent). Says how it ended.
  std::string End() {
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

  pid_t pid_;  // 0 once it was waited for
  FileDescriptor socket_;
  uint32_t sequence_ = 0;
};

class PageTemplate final : public ChildLauncher {
 public:
  explicit PageTemplate(ChildOptions options) : options_(std::move(options)) {}

  Result<LaunchedChild> Start(const FileDescriptor& socket, const FileDescriptor& arena,
                              const std::vector<std::string>& languages) override {
    std::lock_guard lock(mutex_);
    const bool was_running = process_ != nullptr;
    auto child = Fork(socket, arena, languages);
    // It may have been dead for long: nobody looks at it in between.
    if (!child.ok() && was_running) child = Fork(socket, arena, languages);
    return child;
  }

  std::optional<int> End(const LaunchedChild& child) override {
    std::lock_guard lock(mutex_);
    if (process_ == nullptr || child.launch != launch_) return std::nullopt;
    EndMessage question;
    question.pid = child.pid;
    const auto answer = process_->Ask<EndedMessage>(question, {});
    if (answer.ok()) return answer->wait_status;
    process_.reset();
    return std::nullopt;
  }

 private:
  Result<LaunchedChild> Fork(const FileDescriptor& socket, const FileDescriptor& arena,
                             const std::vector<std::string>& languages) {
    RETURN_IF_ERROR(StartProcess());
    ForkMessage question;
    PutText(question.languages, JoinedLanguages(languages));
    const auto answer = process_->Ask<ForkedMessage>(question, {socket.get(), arena.get()});
    if (!answer.ok()) {
      process_.reset();
      return answer.error();
    }
    if (answer->pid > 0) return LaunchedChild{answer->pid, launch_};
    return ErrnoError(answer->error_number, "cannot fork a page child");
  }

  Status StartProcess() {
    if (process_ != nullptr) return Ok();
    ASSIGN_OR_RETURN(auto ends, CreateSocketPair());
    ASSIGN_OR_RETURN(const pid_t pid, SpawnPageProgram(options_, ends.second));
    process_ = std::make_unique<TemplateProcess>(pid, std::move(ends.first));
    ++launch_;
    return Ok();
  }

  const ChildOptions options_;
  std::mutex mutex_;
  std::unique_ptr<TemplateProcess> process_;
  uint64_t launch_ = 0;
};

}  // namespace

std::unique_ptr<ChildLauncher> NewPageTemplate(ChildOptions options) {
  return std::make_unique<PageTemplate>(std::move(options));
}

}  // namespace gnosis
