#include "wire/page_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

#include "page/page_request.h"
#include "page/utf8.h"
#include "wire/arena.h"
#include "wire/child_program.h"
#include "wire/message_socket.h"
#include "wire/messages.h"
#include "wire/tidy_page.h"

namespace gnosis {
namespace {

// Nothing if the message is invalid.
std::optional<PageRequest> ToRequest(const ReadMessage& message) {
  if (message.effort > uint32_t(Effort::kReduced)) return std::nullopt;
  const auto text = GetText(message.options);
  if (!text) return std::nullopt;
  auto options = DecodePageOptions(*text);
  if (!options.ok()) return std::nullopt;
  return PageRequest{
      .page = message.page, .options = *std::move(options), .effort = Effort(message.effort)};
}

template <size_t kCapacity>
void PutTidy(WireText<kCapacity>& field, std::string_view text) {
  const std::string clean = CleanText(text);
  PutText(field, CutText(clean, kCapacity - 1));
}

// A conversation with one parent.
class PipeServer {
 public:
  PipeServer(PageMachine& machine, const FileDescriptor& socket, MappedArena& arena)
      : machine_(machine), socket_(socket), arena_(arena) {}

  int Serve() {
    auto first = ReceiveSocketMessage(socket_, Attachments::kTake, SocketWait::kBlock);
    if (!first.ok()) return kExitPipe;
    SocketMessage& message = **first;
    if (message.bytes.empty()) return kExitHungUp;
    if (!IsExpected<OpenMessage>(message.bytes) || message.attachments.size() != 1) {
      return kExitProtocol;
    }
    if (const int failed = Seal(); failed != 0) return failed;
    const Status answered =
        AnswerOpen(FromBytes<OpenMessage>(message.bytes), std::move(message.attachments[0]));
    return answered.ok() ? ServePages() : kExitHungUp;
  }

 private:
  // Whether it is a complete request of this type; the sequence number is not checked.
  template <typename Question>
  bool IsExpected(std::string_view message) {
    question_ = PeekHeader(message);
    WireHeader expected = Question{}.header;
    expected.sequence = question_.sequence;
    return CheckMessage(message, sizeof(Question), expected).ok();
  }

  // Returns 0 or an exit code. The parent is told the reason before the child ends.
  int Seal() {
    const auto report = machine_.Seal();
    if (!report.ok()) {
      (void)Fail(report.error());
      return kExitNotSealed;
    }
    SealedMessage answer;
    answer.seccomp = report->seccomp ? 1 : 0;
    answer.no_new_privs = report->no_new_privs ? 1 : 0;
    answer.limits = report->limits ? 1 : 0;
    answer.landlock_abi = uint32_t(report->landlock_abi);
    answer.no_capabilities = report->no_capabilities ? 1 : 0;
    answer.user_id = report->user_id;
    return Send(answer).ok() ? 0 : int(kExitHungUp);
  }

  int ServePages() {
    while (true) {
      const auto question = ReadSocketMessage(socket_);
      if (!question.ok()) return kExitPipe;
      if (question->empty()) return kExitHungUp;
      if (!IsExpected<ReadMessage>(*question)) return kExitProtocol;
      const auto request = ToRequest(FromBytes<ReadMessage>(*question));
      if (!request) return kExitProtocol;
      if (!AnswerRead(*request).ok()) return kExitHungUp;
    }
  }

  Status AnswerOpen(const OpenMessage& question, FileDescriptor document) {
    const auto info = machine_.Open(std::move(document), GetText(question.password).value_or(""));
    if (!info.ok()) return Fail(info.error());
    OpenedMessage answer;
    answer.page_count = info->page_count;
    PutTidy(answer.media_type, info->media_type);
    return Send(answer);
  }

  Status AnswerRead(const PageRequest& request) {
    auto artefacts = machine_.Read(request);
    if (!artefacts.ok()) return Fail(artefacts.error());
    auto answer = Pack(*artefacts);
    if (!answer.ok()) return Fail(answer.error());
    answer->page = request.page;
    return Send(*answer);
  }

  Result<PageMessage> Pack(PageArtefacts& artefacts) {
    PageResult& result = artefacts.result;
    used_ = 0;
    PageMessage message;
    const PageText words = TidyWords(std::move(result.words), result.width, result.height);
    ASSIGN_OR_RETURN(const std::string encoded, EncodeWords(words));
    ASSIGN_OR_RETURN(message.words, Store(encoded));
    ASSIGN_OR_RETURN(message.image, Store(artefacts.image_png));
    ASSIGN_OR_RETURN(message.preview, Store(artefacts.preview_jpeg));
    message.width = result.width;
    message.height = result.height;
    message.dpi = result.dpi > kMaxPageDpi ? 0 : std::max(result.dpi, 0);
    message.angle = result.angle;
    PutTidy(message.language, result.language);
    PutTidy(message.source, result.source);
    PutTidy(message.source_reason, result.source_reason);
    PutTidy(message.thresholding, result.thresholding);
    return message;
  }

  Result<WireSpan> Store(std::string_view part) {
    if (part.size() > kArenaBytes - used_) {
      return Error{ErrorCode::kTooLarge,
                   fmt::format("the page's image is larger than {} MiB", kArenaBytes >> 20),
                   "use a lower dpi"};
    }
    if (!part.empty()) std::memcpy(arena_.writable() + used_, part.data(), part.size());
    const WireSpan span{used_, part.size()};
    used_ += part.size();
    return span;
  }

  Status Fail(const Error& error) {
    const Error tidy = TidyError(error);
    FailedMessage answer;
    PutText(answer.code, ErrorCodeName(tidy.code));
    PutText(answer.message, tidy.message);
    PutText(answer.hint, tidy.hint);
    return Send(answer);
  }

  template <typename Message>
  Status Send(Message answer) {
    answer.header.sequence = question_.sequence;
    return WriteSocketMessage(socket_, AsBytes(answer));
  }

  PageMachine& machine_;
  const FileDescriptor& socket_;
  MappedArena& arena_;
  WireHeader question_;
  uint64_t used_ = 0;  // bytes of the arena used by the current page
};

int Serve(PageMachine& machine, const FileDescriptor& socket, const FileDescriptor& arena) {
  auto mapped = MappedArena::Map(arena, MappedArena::Access::kReadWrite);
  if (!mapped.ok()) return kExitPipe;
  try {
    return PipeServer(machine, socket, **mapped).Serve();
  } catch (const std::bad_alloc&) {
    return kExitOutOfMemory;
  }
}

}  // namespace

int ServePagePipe(PageMachine& machine, FileDescriptor socket, FileDescriptor arena) {
  const int exit_code = Serve(machine, socket, arena);
  // Left open until the process ends: when it closes, the parent looks for the exit status, which
  // must exist by then.
  (void)socket.Release();
  return exit_code;
}

}  // namespace gnosis
