#include "api/metrics.h"

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>

namespace gnosis {
namespace {

const prometheus::Histogram::BucketBoundaries kSecondsBuckets{0.005, 0.02, 0.1, 0.5, 2,
                                                              10,    30,   60,  300};
constexpr std::array<std::string_view, 7> kMethods{"GET",   "HEAD",   "POST",   "PUT",
                                                   "PATCH", "DELETE", "OPTIONS"};

std::string KnownMethod(std::string_view method) {
  for (const std::string_view known : kMethods) {
    if (known == method) return std::string(known);
  }
  return "other";
}

class PrometheusMetrics final : public Metrics {
 public:
  PrometheusMetrics()
      : requests_(prometheus::BuildCounter()
                      .Name("gnosis_http_requests_total")
                      .Help("HTTP requests answered")
                      .Register(registry_)),
        seconds_(prometheus::BuildHistogram()
                     .Name("gnosis_http_request_seconds")
                     .Help("Time from the request header to the response")
                     .Register(registry_)),
        submissions_(AddCounter("gnosis_jobs_submitted_total", "Documents accepted as jobs")),
        pages_(AddCounter("gnosis_pages_processed_total",
                          "Page results written by this process, including failed pages")),
        batches_(prometheus::BuildCounter()
                     .Name("gnosis_batches_total")
                     .Help("Task deliveries by outcome")
                     .Register(registry_)),
        queue_depth_(AddGauge("gnosis_queue_depth", "Tasks queued or being processed")),
        live_workers_(AddGauge("gnosis_live_workers", "Live page workers")) {}

  void NoteRequest(const AnsweredRequest& request) override {
    const std::string route = request.route.empty() ? "none" : std::string(request.route);
    const std::string method = KnownMethod(request.method);
    requests_
        .Add({{"method", method}, {"route", route}, {"status", fmt::to_string(request.status)}})
        .Increment();
    seconds_.Add({{"method", method}, {"route", route}}, kSecondsBuckets)
        .Observe(double(request.duration.count()) / 1000.0);
  }

  void NoteSubmission() override { submissions_.Increment(); }

  void NoteBatch(const BatchReport& report) override {
    pages_.Increment(report.pages_processed);
    const bool retry = report.verdict == BatchReport::Verdict::kRetry;
    batches_.Add({{"verdict", retry ? "retry" : "acknowledge"}}).Increment();
  }

  std::string Render(size_t queue_depth, int live_workers) override {
    queue_depth_.Set(double(queue_depth));
    live_workers_.Set(live_workers);
    return static_cast<const prometheus::Serializer&>(prometheus::TextSerializer())
        .Serialize(registry_.Collect());
  }

 private:
  prometheus::Counter& AddCounter(const std::string& name, const std::string& help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry_).Add({});
  }
  prometheus::Gauge& AddGauge(const std::string& name, const std::string& help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry_).Add({});
  }

  prometheus::Registry registry_;
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Family<prometheus::Histogram>& seconds_;
  prometheus::Counter& submissions_;
  prometheus::Counter& pages_;
  prometheus::Family<prometheus::Counter>& batches_;
  prometheus::Gauge& queue_depth_;
  prometheus::Gauge& live_workers_;
};

}  // namespace

std::unique_ptr<Metrics> NewMetrics() { return std::make_unique<PrometheusMetrics>(); }

}  // namespace gnosis
