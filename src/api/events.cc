// GET /jobs/{id}/events: Server-Sent Events. "snapshot" says everything once, then "page" and
// "state" say what changed, "done" ends the stream. An event's id is the job's revision.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "api/handlers.h"
#include "api/job_wait.h"
#include "api/page_view.h"
#include "api/reply.h"

namespace gnosis {
namespace {

constexpr std::string_view kComment = ": still here\n\n";
constexpr std::string_view kReconnectAfter = "retry: 2000\n\n";

std::string Event(std::string_view name, std::optional<int64_t> revision, const Json& data) {
  const std::string id = revision ? fmt::format("id: {}\n", *revision) : "";
  return fmt::format("event: {}\n{}data: {}\n\n", name, id, DumpJson(data));
}

// What a listener was told about a page.
struct Told {
  PageStatus status = PageStatus::kPending;
  int edition = 0;
  std::optional<double> confidence;
  std::string source;
  std::optional<std::string> error;
};

// False: it was told so already. Many streams ask this of many pages: nothing is copied in vain.
bool Update(Told& told, const PageEntry& entry, Time now) {
  const PageStatus status = ShownStatus(entry, now);
  if (told.status == status && told.edition == entry.edition &&
      told.confidence == entry.confidence && told.source == entry.source &&
      told.error == entry.error) {
    return false;
  }
  told = {status, entry.edition, entry.confidence, entry.source, entry.error};
  return true;
}

class JobEvents final : public LiveBody {
 public:
  JobEvents(const Call& call, SessionKey session, std::optional<int64_t> last_event_id,
            std::unique_ptr<StreamSlots::Slot> slot)
      : core_(call.core),
        caller_(call.caller),
        slot_(std::move(slot)),
        session_(std::move(session)),
        last_event_id_(last_event_id),
        bell_(call.core.world.actions.book, session_) {}

  Then Next(std::string& out) override {
    // The stream ends; who comes back is told why.
    if (core_.access.CheckStillWelcome(caller_)) return Then::kEnd;
    const size_t said_before = out.size();
    if (!started_) out += kReconnectAfter;
    auto& actions = core_.world.actions;
    const auto metadata = actions.book.ReadMetadata(session_);
    if (!metadata.ok()) return Trouble(metadata.error(), out);
    News news;
    const Status looked = actions.book.Look(session_, [&](const Processing& record) {
      news = Take(record, **metadata, actions.clock.Now());
    });
    if (!looked.ok()) return Trouble(looked.error(), out);
    SayShared(news, out);
    if (out.size() == said_before) out += kComment;
    return IsFinal(news.status.state) ? Then::kEnd : Then::kMore;
  }

  std::unique_ptr<Subscription> OnChange(Wake wake) override {
    return bell_.Attach(std::move(wake));
  }

 private:
  // What there is to say, copied out: many streams look at one record, and who reads pages wants
  // it.
  struct News {
    JobStatus status;
    std::vector<std::pair<int, PageEntry>> pages;  // that changed; in a snapshot all
    Time now{};
    bool snapshot = false;
    bool state_changed = false;
    std::optional<int64_t> told_before;  // the revision that this listener heard last
    int told_processing = 0;             // pages that it was told are in work
  };

  News Take(const Processing& record, const Metadata& metadata, Time now) {
    News news{DeriveStatus(metadata, record, now), {}, now};
    const bool first = !std::exchange(started_, true);
    // A listener that comes back and has missed nothing needs no snapshot.
    news.snapshot = first && last_event_id_ != news.status.revision;
    told_.resize(record.pages.size());
    news.told_processing = int(std::count_if(told_.begin(), told_.end(), [](const Told& told) {
      return told.status == PageStatus::kProcessing;
    }));
    auto told = told_.begin();
    for (const auto& [page, entry] : record.pages) {
      const bool changed = Update(*told++, entry, now);
      if (news.snapshot || (changed && !first)) news.pages.emplace_back(page, entry);
    }
    news.told_before = std::exchange(told_revision_, news.status.revision);
    news.state_changed = !first && news.told_before != news.status.revision;
    return news;
  }

  // Listeners who heard the same before hear the same now.
  void SayShared(const News& news, std::string& out) {
    if (news.snapshot || !news.state_changed) return Say(news, out);
    const SharedNews::Step step{session_, news.status.epoch, *news.told_before,
                                news.told_processing, news.status.revision};
    if (const auto text = core_.news.Find(step)) {
      out += *text;
      return;
    }
    auto text = std::make_shared<std::string>();
    Say(news, *text);
    out += *text;
    core_.news.Keep(step, std::move(text));
  }

  static void Say(const News& news, std::string& out) {
    const JobStatus& status = news.status;
    if (news.snapshot) {
      out += Event("snapshot", status.revision, Snapshot(news));
    } else {
      for (const auto& [page, entry] : news.pages) {
        out += Event("page", status.revision, PageEventJson(page, entry, news.now));
      }
    }
    if (news.state_changed) out += Event("state", status.revision, StatusJson(status));
    if (IsFinal(status.state)) out += Event("done", status.revision, StatusJson(status));
  }

  static Json Snapshot(const News& news) {
    Json pages = Json::array();
    for (const auto& [page, entry] : news.pages) {
      pages.push_back(PageStateJson(news.status.job_id, page, entry, news.now));
    }
    return {{"job", StatusJson(news.status)}, {"pages", std::move(pages)}};
  }

  // Deleted or expired: that was the last event. Anything else may pass.
  Then Trouble(const Error& error, std::string& out) {
    if (error.code != ErrorCode::kNotFound && error.code != ErrorCode::kGone) {
      out += kComment;
      return Then::kMore;
    }
    out += Event("done", std::nullopt, {{"job_id", session_.session_id}, {"status", "deleted"}});
    return Then::kEnd;
  }

  ApiCore& core_;
  const Caller caller_;
  const std::unique_ptr<StreamSlots::Slot> slot_;
  const SessionKey session_;
  const std::optional<int64_t> last_event_id_;
  const JobBell bell_;
  bool started_ = false;
  std::vector<Told> told_;  // in the order of the record's pages, whose number never changes
  std::optional<int64_t> told_revision_;
};

Error TooManyStreams(const StreamSlots& slots) {
  return {ErrorCode::kTooManyRequests,
          fmt::format("{} event streams are open, that is the limit", slots.max_per_owner()),
          "close some, or raise MAX_EVENT_STREAMS_PER_OWNER"};
}

}  // namespace

Result<HttpResponse> StreamEvents(Call& call) {
  ASSIGN_OR_RETURN(const SessionKey session, SessionOf(call));
  ASSIGN_OR_RETURN(const JobStatus status, ReadJob(call, session));
  const auto last = ParseNumber(call.request.headers.Get("Last-Event-ID").value_or(""));
  HttpResponse response;
  if (IsFinal(status.state) && last == status.revision) {
    // It has heard "done": 204 tells an EventSource to stop coming back.
    response = HttpResponse{204, {}, std::string()};
  } else {
    auto slot = call.core.streams.Take(call.caller.owner);
    if (!slot) return TooManyStreams(call.core.streams);
    response.body = std::make_unique<JobEvents>(call, session, last, std::move(slot));
    response.headers.Set("Content-Type", "text/event-stream; charset=utf-8");
    response.headers.Set("X-Accel-Buffering", "no");
  }
  response.headers.Set("Cache-Control", "no-store");
  return response;
}

}  // namespace gnosis
