#include "api/partial_result.h"

#include <utility>
#include <vector>

#include "output/output_writer.h"
#include "task/combine.h"
#include "task/session_files.h"

namespace gnosis {
namespace {

constexpr size_t kPieceBytes = 256 << 10;

PageResult NotReadYet(int page) {
  PageResult result;
  result.page = page;
  result.error =
      Error{ErrorCode::kUnavailable, "it has not been read yet", "ask again while the job runs"};
  return result;
}

class PartialResult final : public LiveBody {
 public:
  struct About {
    SessionKey session;
    OutputHead head;
    std::vector<int> pages;
    std::shared_ptr<const Metadata> metadata;  // shared, as the session book gives it
  };
  PartialResult(ObjectStore& store, About about) : store_(store), about_(std::move(about)) {}

  Status Begin(const std::string& format) {
    ASSIGN_OR_RETURN(writer_, NewOutputWriter(format, [this](std::string_view bytes) {
                       pending_ += bytes;
                       return Ok();
                     }));
    return writer_->Begin(about_.head);
  }

  Then Next(std::string& out) override {
    bool good = true;
    while (good && next_ < about_.pages.size() && pending_.size() < kPieceBytes) {
      good = writer_->Page(ReadOrMark(about_.pages[next_++])).ok();
    }
    const bool more = good && next_ < about_.pages.size();
    if (!more && good) (void)writer_->End();
    out += std::exchange(pending_, std::string());
    if (more && wake_) wake_();
    return more ? Then::kMore : Then::kEnd;
  }

  // Nothing outside changes this body: it wakes itself after every piece until all is said.
  std::unique_ptr<Subscription> OnChange(Wake wake) override {
    wake_ = std::move(wake);
    if (next_ > 0) wake_();
    return std::make_unique<Subscription>();
  }

 private:
  // A page whose result cannot be had right now must not cost the others.
  PageResult ReadOrMark(int page) {
    auto result = ReadPageResult(store_, about_.session, *about_.metadata, page);
    return result.ok() ? *std::move(result) : NotReadYet(page);
  }

  ObjectStore& store_;
  const About about_;
  std::unique_ptr<OutputWriter> writer_;
  std::string pending_;
  size_t next_ = 0;
  Wake wake_;
};

}  // namespace

Result<std::unique_ptr<LiveBody>> NewPartialResult(const Call& call, const SessionKey& session,
                                                   const std::string& format) {
  const ActionContext& actions = call.core.world.actions;
  ASSIGN_OR_RETURN(const auto metadata, actions.book.ReadMetadata(session));
  PartialResult::About about{session, {}, {}, metadata};
  RETURN_IF_ERROR(actions.book.Look(session, [&](const Processing& record) {
    for (const auto& [page, entry] : record.pages) about.pages.push_back(page);
  }));
  about.head = HeadOf(*metadata, int(about.pages.size()), call.core.options.version);
  auto body = std::make_unique<PartialResult>(actions.store, std::move(about));
  RETURN_IF_ERROR(body->Begin(format));
  return std::unique_ptr<LiveBody>(std::move(body));
}

}  // namespace gnosis
