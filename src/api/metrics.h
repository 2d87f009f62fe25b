// The values that /metrics reports, in Prometheus' text format. Labels have a fixed set of values,
// so that callers cannot create unlimited series.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "task/batch.h"

namespace gnosis {

struct AnsweredRequest {
  std::string_view method;
  std::string_view route;  // the pattern; "" if there is none
  int status = 0;
  Milliseconds duration{0};
};

class Metrics {
 public:
  virtual ~Metrics() = default;
  virtual void NoteRequest(const AnsweredRequest& request) = 0;
  virtual void NoteSubmission() = 0;
  virtual void NoteBatch(const BatchReport& report) = 0;
  virtual std::string Render(size_t queue_depth, int live_workers) = 0;
};
std::unique_ptr<Metrics> NewMetrics();

}  // namespace gnosis
