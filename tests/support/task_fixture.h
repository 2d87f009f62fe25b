// What the tests of this room share: a store in memory, a clock that is set by hand, a queue that
// keeps what it gets, a reader that reads what it is told.
#pragma once

#include <fmt/format.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/hash.h"
#include "support/hand_clock.h"
#include "support/memory_store.h"
#include "task/batch.h"
#include "task/job_actions.h"
#include "task/markers.h"
#include "task/session_book.h"
#include "task/session_files.h"

namespace gnosis {

class ListQueue final : public TaskQueue {
 public:
  struct Entry {
    Task task;
    std::optional<Time> not_before;
  };
  std::deque<Entry> tasks;
  bool broken = false;
  Status Enqueue(const Task& task, std::optional<Time> not_before) override {
    if (broken) return Error{ErrorCode::kUnavailable, "the queue is away", ""};
    tasks.push_back({task, not_before});
    return Ok();
  }
};

class ToldReader final : public PageReader {
 public:
  // What a page answers; pages not named are read well.
  std::map<int, Error> errors;
  std::function<void(int page)> before_read = [](int) {};
  std::vector<int> read;
  int opened = 0;
  std::string password_seen;
  Result<DocumentInfo> info = DocumentInfo{"application/pdf", 3};

  Result<DocumentInfo> Open(const FileDescriptor&, const std::string& password) override {
    ++opened;
    password_seen = password;
    return info;
  }
  Result<PageArtefacts> Read(const PageRequest& request) override {
    before_read(request.page);
    last_request = request;
    if (errors.contains(request.page)) return errors.at(request.page);
    read.push_back(request.page);
    PageArtefacts artefacts;
    artefacts.result.completed = true;
    artefacts.result.width = artefacts.result.height = 10;
    artefacts.result.dpi = request.options.dpi;
    artefacts.result.source = "told";
    artefacts.result.language = "eng";
    Line line{{0, 0, 9, 9}, {}, {Word{fmt::format("page-{}", request.page), {0, 0, 9, 9}, 90}}};
    artefacts.result.words.blocks = {{line.box, {{line.box, {line}}}}};
    artefacts.result.text = PlainText(artefacts.result.words);
    artefacts.image_png = fmt::format("image {}", request.page);
    artefacts.preview_jpeg = "preview";
    artefacts.result.image_sha256 = Sha256Hex(artefacts.image_png);
    artefacts.result.preview_sha256 = Sha256Hex(artefacts.preview_jpeg);
    return artefacts;
  }
  void Interrupt() override {}
  PageRequest last_request;
};

// One session of `pages` pages in a world of its own.
struct TaskWorld {
  explicit TaskWorld(int pages = 3,
                     BatchOptions options = {.batch_size = 10, .program_version = "test"})
      : processor(NewBatchProcessor(store, queue, *book, clock, options)) {
    metadata.session_id = session.session_id;
    metadata.user_hash = session.user_hash;
    metadata.incarnation = "00000000000000aa";
    metadata.file_name = "three.pdf";
    metadata.extension = "pdf";
    metadata.media_type = "application/pdf";
    metadata.size_bytes = 1;
    metadata.sha256 = Sha256Hex("x");
    metadata.document_pages = pages;
    metadata.options.formats = {"txt"};
    metadata.created_at = clock.now;
    metadata.expires_at = clock.now + Seconds(1000);
    std::vector<int> numbers;
    for (int page = 1; page <= pages; ++page) numbers.push_back(page);
    (void)store.Write(OriginalKey(session, "pdf"), "x", kAbsent);
    (void)store.Write(MetadataKey(session), EncodeMetadata(metadata), kAbsent);
    (void)WriteMarker(store, session, "me@example.org", clock.now);
    (void)store.Write(ProcessingKey(session),
                      EncodeProcessing(NewProcessing(metadata, numbers, 10)), kAbsent);
  }

  Task FirstTask() const { return Task{session, "me@example.org", 0, 0, 0, metadata.incarnation}; }
  BatchReport Deliver(const Task& task) {
    DocumentReader reader(pages);
    return processor->Run(task, reader, std::stop_token());
  }
  // Delivers what is in the queue, and what comes of it, until it is empty.
  void DeliverAll(int at_most = 50) {
    for (int i = 0; i < at_most && !queue.tasks.empty(); ++i) {
      const ListQueue::Entry entry = queue.tasks.front();
      queue.tasks.pop_front();
      if (entry.not_before && *entry.not_before > clock.now) clock.now = *entry.not_before;
      if (Deliver(entry.task).verdict == BatchReport::Verdict::kRetry) queue.tasks.push_back(entry);
    }
  }
  Processing Record() {
    const auto stored = ReadRecordFile(store, session, metadata.incarnation);
    GNOSIS_CHECK(stored.ok() && stored->record);
    return *stored->record;
  }
  Result<PageResult> ReadResult(int page) { return ReadPageResult(store, session, metadata, page); }
  std::string Text() {
    const auto text = store.Read(ResultKey(session, "txt"));
    return text.ok() ? text->bytes : "no result.txt";
  }
  ActionContext Actions() { return {store, queue, *book, clock, 1, "test"}; }

  Metadata metadata;
  MemoryStore store;
  ListQueue queue;
  HandClock clock;
  ToldReader pages;
  SessionKey session{UserHash("me@example.org"), "00000000-0000-4000-8000-00000000000a"};
  std::unique_ptr<SessionBook> book = NewSessionBook(store, clock, {.batch_size = 10});
  std::unique_ptr<BatchProcessor> processor;
};

}  // namespace gnosis
