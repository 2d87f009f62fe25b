// State shared by the event streams of one job: which pages have changed as displayed, and the text
// that reports it. A stream itself stores one number, not 5,000 pages.
//
// Lifecycle of a job's news: created by its first stream, shared by all of them, destroyed with the
// last. Every update compares the displayed state of each page with the previous one; if one
// differs, the mark is incremented, and the page stores the mark of its change. A client that has
// received everything up to a mark lacks exactly the pages with a higher one.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "session/keys.h"
#include "session/processing.h"

namespace gnosis {

using NewsMark = uint64_t;

// For all pages: the current mark, and the mark of each page's last change, in the order of the
// record.
struct NewsMarks {
  NewsMark now = 0;
  std::vector<NewsMark> changed;
};

class JobNews {
 public:
  // Compares, then calls `look`. From any thread; `look` must not call back.
  void Look(const Processing& record, Time now, const std::function<void(const NewsMarks&)>& look);

  // From the state that clients have to the current one. Of many clients only the first needs to
  // generate the text.
  struct Step {
    NewsMark from = 0;
    int64_t from_revision = 0;
    NewsMark to = 0;
    int64_t to_revision = 0;
    bool operator==(const Step&) const = default;
  };
  using Text = std::shared_ptr<const std::string>;
  Text Find(const Step& step);  // nullptr: not generated yet
  void Keep(const Step& step, Text text);

 private:
  bool IsAsBefore(const Processing& record, Time now) const;

  std::mutex mutex_;
  NewsMarks marks_;
  std::vector<uint64_t> shown_;  // hash of each page as last displayed
  int64_t revision_ = 0;
  int epoch_ = 0;
  std::optional<Time> compared_at_;
  Step last_step_;
  Text last_text_;  // the newest
};

class SharedNews {
 public:
  std::shared_ptr<JobNews> Of(const SessionKey& session);  // shared by the job's streams

 private:
  std::mutex mutex_;
  std::map<SessionKey, std::weak_ptr<JobNews>> jobs_;
  size_t sweep_at_ = 100;
};

// The mark up to which one client has received each page. Pages sent together share a mark, and
// once all pages have the same one there is a single one.
class ToldPages {
 public:
  // Pages are sent from first to last, piece by piece, then from the first again.
  NewsMark At(size_t page) const;  // of a page not yet sent in this round
  void TellUpTo(size_t end, NewsMark mark);
  void EndRound();
  // The mark of all pages; nothing while they differ, or within a round.
  std::optional<NewsMark> all() const;

 private:
  struct Run {
    size_t end = 0;
    NewsMark mark = 0;
  };
  std::vector<Run> before_;  // of the previous round
  std::vector<Run> round_;
};

}  // namespace gnosis
