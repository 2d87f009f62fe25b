// What everything around rendering and recognition costs: claims, artefacts with fsync, publishing,
// events, combining; with a reader that answers at once with a 1x1 page.
//
//   overhead [PAGES...]        (500 5000)
//
// Prints CPU milliseconds per page (user + system of the whole process) and the ratio of the
// largest to the smallest document.
#include <fmt/format.h>
#include <sys/resource.h>

#include <cstdlib>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "session/disk_store.h"
#include "session/processing.h"
#include "task/batch.h"
#include "task/job_actions.h"
#include "task/local_queue.h"
#include "task/markers.h"
#include "task/session_book.h"

namespace gnosis {
namespace {

constexpr int kBatchSize = 10;
constexpr int kWorkers = 2;

class NullReader final : public PageReader {
 public:
  Result<DocumentInfo> Open(const FileDescriptor&, const std::string&) override {
    return DocumentInfo{"application/pdf", 1};
  }
  Result<PageArtefacts> Read(const PageRequest&) override {
    PageArtefacts artefacts;
    artefacts.result.completed = true;
    artefacts.result.width = artefacts.result.height = 1;
    artefacts.result.dpi = 300;
    artefacts.result.source = "null";
    artefacts.image_png = "p";
    artefacts.preview_jpeg = "j";
    return artefacts;
  }
  void Interrupt() override {}
};

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) { return time.tv_sec + time.tv_usec / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

Metadata Describe(const SessionKey& session, int pages) {
  Metadata metadata;
  metadata.session_id = session.session_id;
  metadata.user_hash = session.user_hash;
  metadata.file_name = "overhead.pdf";
  metadata.extension = "pdf";
  metadata.media_type = "application/pdf";
  metadata.size_bytes = 1;
  metadata.sha256 = std::string(64, '0');
  metadata.document_pages = pages;
  metadata.options.formats = {"txt"};
  metadata.created_at = SystemClock().Now();
  return metadata;
}

Status Admit(ObjectStore& store, const SessionKey& session, const Metadata& metadata) {
  std::vector<int> pages;
  for (int page = 1; page <= metadata.document_pages; ++page) pages.push_back(page);
  for (const auto& [key, bytes] : std::vector<std::pair<std::string, std::string>>{
           {OriginalKey(session, "pdf"), "x"},
           {MetadataKey(session), EncodeMetadata(metadata)},
           {ProcessingKey(session),
            EncodeProcessing(NewProcessing(metadata, pages, kBatchSize))}}) {
    const auto written = store.Write(key, bytes, kAbsent);
    if (!written.ok()) return written.error();
  }
  return WriteMarker(store, session, std::string(kLocalUserEmail), metadata.created_at);
}

// CPU seconds from the first claim to the final state. Leaves the session in `folder`.
Result<double> Run(int pages, const TemporaryFolder& folder) {
  const auto store = NewDiskStore(folder.path());
  const auto book = NewSessionBook(*store, SystemClock(), {.batch_size = kBatchSize});
  const auto queue = NewLocalQueue();
  const auto processor =
      NewBatchProcessor(*store, *queue, *book, SystemClock(),
                        {.batch_size = kBatchSize, .chains = kWorkers, .program_version = "bench"});
  ASSIGN_OR_RETURN(
      const SessionKey session,
      ParseSessionKey(UserHash(kLocalUserEmail), "00000000-0000-4000-8000-000000000001"));
  RETURN_IF_ERROR(Admit(*store, session, Describe(session, pages)));
  const ActionContext context{*store, *queue, *book, SystemClock(), kWorkers, "bench"};
  const double before = CpuSeconds();
  RETURN_IF_ERROR(StartSession(context, session, std::string(kLocalUserEmail)));
  std::vector<std::unique_ptr<PageReader>> readers;
  for (int i = 0; i < kWorkers; ++i) readers.push_back(std::make_unique<NullReader>());
  const auto pool = StartWorkerPool(*queue, *processor, std::move(readers), nullptr);
  bool final = false;
  while (!final) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    RETURN_IF_ERROR(
        book->Look(session, [&](const Processing& record) { final = IsFinal(record.state); }));
  }
  const double after = CpuSeconds();
  pool->Stop(Milliseconds(1000));
  return after - before;
}

// processing.json of so many pages, none of them read: milliseconds of CPU to write and to read it.
Status MeasureRecord(int pages) {
  constexpr int kTimes = 20;
  ASSIGN_OR_RETURN(
      const SessionKey session,
      ParseSessionKey(UserHash(kLocalUserEmail), "00000000-0000-4000-8000-000000000001"));
  std::vector<int> numbers(static_cast<size_t>(pages));
  std::iota(numbers.begin(), numbers.end(), 1);
  const Processing record = NewProcessing(Describe(session, pages), numbers, kBatchSize);
  std::string bytes;
  const double start = CpuSeconds();
  for (int i = 0; i < kTimes; ++i) bytes = EncodeProcessing(record);
  const double encoded = CpuSeconds();
  for (int i = 0; i < kTimes; ++i) {
    if (const auto decoded = DecodeProcessing(bytes); !decoded.ok()) return decoded.error();
  }
  const double decoded = CpuSeconds();
  fmt::print("{:5} pages in processing.json: {} kB, encode {:.1f} ms, decode {:.1f} ms\n", pages,
             bytes.size() / 1000, (encoded - start) * 1000 / kTimes,
             (decoded - encoded) * 1000 / kTimes);
  return Ok();
}

int Main(const std::vector<int>& sizes) {
  std::vector<double> per_page_ms;
  // Removed together at the end: for some seconds ext4 is slow to make files where thousands were
  // deleted, and would charge the next size for the cleaning up.
  std::vector<TemporaryFolder> folders(sizes.size());
  for (size_t i = 0; i < sizes.size(); ++i) {
    const int pages = sizes[i];
    const auto seconds = Run(pages, folders[i]);
    if (!seconds.ok()) {
      fmt::print(stderr, "{}\n", seconds.error().message);
      return 1;
    }
    per_page_ms.push_back(*seconds * 1000 / pages);
    fmt::print("{:5} pages: {:.2f} ms CPU per page\n", pages, per_page_ms.back());
  }
  if (const Status measured = MeasureRecord(sizes.back()); !measured.ok()) {
    fmt::print(stderr, "{}\n", measured.error().message);
    return 1;
  }
  fmt::print("ratio last/first: {:.2f}\n", per_page_ms.back() / per_page_ms.front());
  return 0;
}

}  // namespace
}  // namespace gnosis

int main(int argc, char** argv) {
  std::vector<int> sizes;
  for (int i = 1; i < argc; ++i) sizes.push_back(std::max(1, std::atoi(argv[i])));
  return gnosis::Main(sizes.empty() ? std::vector<int>{500, 5000} : sizes);
}
